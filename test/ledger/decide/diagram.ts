import { type Decision, decide } from '../../../lib/ledger/decide/index.ts';
import type { LedgerEvent, Life } from '../../../lib/ledger/life.ts';
import type { FindingRecord, FindingState } from '../../../lib/ledger/model.ts';
import { STATES } from '../../../lib/ledger/schema.ts';
import { ANA, APPROVER, channel, notice } from '../lives.ts';
import { AFTER, EVENTS, FAR, intent, STOP, standing, WARN, WARNED_AT } from './world.ts';

/** One change of state that decide() makes, and the names of the events that can bring it. */
export interface Transition {
  readonly from: FindingState | null;
  readonly to: FindingState;
  readonly events: readonly string[];
}

/** Each state in the forms that decide() tells apart. */
export function forms(state: FindingState): FindingRecord[] {
  const stopNow = { by: ANA, at: WARNED_AT, noticeId: notice.id };
  const lives: Partial<Life>[] = [
    {},
    { policy: WARN },
    { policy: STOP, resting: 3_600_000 },
    { recipient: null },
    { stopNow },
    { stopNow, approved: { by: APPROVER, at: WARNED_AT }, request: null },
    { notice: { ...notice, recipient: channel } },
    { intent: { ...intent, attempt: 9 } },
    { hold: null },
  ];
  const due = standing(state).finding.dueAt;
  return lives.flatMap((life) =>
    [...new Set([due, due === null ? null : FAR])].map((dueAt) => ({
      ...standing(state, life, dueAt),
      wakeAt: WARNED_AT,
    })),
  );
}

/** Every answer of decide() to these records and events, at a moment soon and at one long after. */
export function* explore(): Generator<{
  from: FindingRecord | null;
  name: string;
  event: LedgerEvent;
  now: Date;
  decision: Decision;
}> {
  const records = [null, ...STATES.flatMap((state) => forms(state))];
  for (const from of records)
    for (const [name, event] of Object.entries(EVENTS))
      for (const at of [AFTER, '2026-05-30T09:00:00.000Z']) {
        const now = new Date(at);
        yield { from, name, event, now, decision: decide(from, event, now) };
      }
}

export function transitions(): Transition[] {
  const found = new Map<string, { from: FindingState | null; to: FindingState; events: Set<string> }>();
  for (const { from, name, decision } of explore()) {
    const state = from?.finding.state ?? null;
    if (decision.state === null || decision.state === state) continue;
    const key = `${state ?? ''} ${decision.state}`;
    const entry = found.get(key) ?? { from: state, to: decision.state, events: new Set<string>() };
    entry.events.add(name);
    found.set(key, entry);
  }
  return [...found.values()].map(({ from, to, events }) => ({ from, to, events: [...events].toSorted() }));
}

function rank(state: FindingState | null): number {
  return state === null ? -1 : STATES.indexOf(state);
}

/** The document that shows them; the test compares it with what is kept. */
export function document(): string {
  const all = transitions().toSorted((a, b) => rank(a.from) - rank(b.from) || rank(a.to) - rank(b.to));
  const lines = all.map(({ from, to }) => `    ${from ?? '[*]'} --> ${to}`);
  const rows = all.map(({ from, to, events }) => `| ${from ?? ''} | ${to} | ${events.join('; ')} |`);
  return `${HEAD}
\`\`\`mermaid
stateDiagram-v2
${lines.join('\n')}
\`\`\`

## Every change of state, and what brings it

| from | to | events |
| --- | --- | --- |
${rows.join('\n')}
`;
}

const HEAD = `# 3. The life of a finding

\`decide()\` in \`lib/ledger/decide\` is the only place that changes the state of a finding. It is pure, and it
answers every event in every state: what a state does not take leaves all as it is, with the reason in words.
The diagram and the table are made by asking it, state by state and event by event; a test fails when they say
something else than the code.

## What was decided

- **A warning is an agreement.** A clock runs only for a verified person to whom Slack has delivered the notice,
  under a policy that stops, with a verdict that may be acted on and a resource that was recognised. When any of
  these changes (another owner, a policy that stops only now, another launch), the agreement is void: a new notice
  and a new grace, never a shorter way.
- **The clock rests, it does not run out.** While a verdict may not be acted on, or an exemption waits for its
  approver, the milliseconds that were left are kept. When it goes on, at least four hours are left.
- **An owner may say no until the stop has begun**, also where a guard holds the stop back, an approver is asked,
  or a stop has failed and is about to be tried again.
- **A hold is the resource's.** A snooze or exemption on one finding moves every finding of the resource to
  SNOOZED or EXEMPT when it is judged next, unless it is limited to a check; it outlives a finding that is resolved.
- **A policy that stops nothing any more takes the date away.** What waits to be told goes back to DETECTED; what
  was warned of stays WARNED without a date, and is warned of anew when the policy stops again.
- **What is ours is not ended by an absence.** From the first attempt to stop on, only what others did to the
  resource (deleted it, started it) ends a finding.
- **Detected, then told**: an audit writes both steps, so the trail shows DETECTED before NOTIFY_PENDING.
- **Given up means waiting for a person.** After the last failed attempt to stop, or when nobody is left to ask, a
  finding stays ESCALATED: nobody is asked twice, and somebody has to claim it.
`;
