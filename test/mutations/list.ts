import type { Mutation } from './model.ts';

const GUARDS = 'lib/ledger/guards.ts';
const DECIDE = 'lib/ledger/decide/sweep.ts';
const EVALUATE = 'lib/run/sweep/evaluate.ts';
const STOP = 'lib/run/sweep/stop.ts';
const TELL = 'lib/run/sweep/tell.ts';
const TELL_ITEMS = 'lib/run/sweep/tell-items.ts';
const UNDO = 'lib/run/sweep/undo.ts';
const CONTEXT = 'lib/run/sweep/context.ts';
const OUTSIDE = 'lib/run/outside.ts';
const SAVINGS = 'lib/run/savings.ts';
const REALISED = 'lib/analysis/savings.ts';
const ITEM = 'lib/run/respond/item.ts';

/** Every hand-made weakening. An edit whose text is not found is an error: the list has to follow the code. */
export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 1,
    what: 'the grace is over at once',
    edits: [
      {
        file: TELL_ITEMS,
        from: 'return stopTime(deliveredAt, life.policy.grace ?? DEFAULT_GRACE, calendars);',
        to: 'return new Date(Date.parse(deliveredAt) + 60_000 + 0 * calendars.length).toISOString();',
      },
      { file: GUARDS, from: 'return now < end ?', to: 'return now < end && false ?' },
    ],
  },
  {
    rule: 1,
    what: 'another launch or parent is the same resource',
    edits: [
      {
        file: DECIDE,
        from: "if (warned.launch !== read.launch) return 'it was",
        to: "if (false) return 'it was",
      },
      { file: DECIDE, from: 'return warned.parent === read.parent ?', to: 'return true ?' },
      {
        file: EVALUATE,
        from: "if (warned.launch !== read.launch) return 'it was",
        to: "if (false) return 'it was",
      },
      { file: EVALUATE, from: 'return warned.parent === read.parent ?', to: 'return true ?' },
    ],
  },
  {
    rule: 1,
    what: 'a rest of the resource that another finding was given does not count',
    seed: 243,
    edits: [
      { file: EVALUATE, from: 'holds: siblings.flatMap(', to: 'holds: [].flatMap(' },
      { file: STOP, from: 'inForce(life?.hold ?? null, check, at)', to: 'false' },
    ],
  },
  {
    rule: 1,
    what: 'an open request of the resource does not count',
    seed: 703,
    edits: [
      { file: EVALUATE, from: 'requests: siblings.flatMap(', to: 'requests: [].flatMap(' },
      { file: STOP, from: 'request && covers(request.check)', to: 'request && false' },
    ],
  },
  {
    rule: 1,
    what: 'the caps of the day are not looked at',
    edits: [
      {
        file: 'lib/run/sweep/caps.ts',
        from: 'if (Object.hasOwn(doc.taken, findingId)) return null;\n  const taken',
        to: 'if (findingId) return null;\n  const taken',
      },
    ],
  },
  {
    rule: 1,
    what: 'the kill switch is not looked at',
    seed: 244,
    edits: [{ file: EVALUATE, from: 'return thrown ?', to: 'return false ?' }],
  },
  {
    rule: 1,
    what: 'a protecting tag does not protect',
    seed: 139,
    edits: [{ file: GUARDS, from: 'protectedBy(live.tags, facts.protectedTags) ??', to: 'null ??' }],
  },
  {
    rule: 1,
    what: 'a policy that stops nothing any more is not read again',
    seed: 1016,
    edits: [{ file: GUARDS, from: 'policyStops(live.policy) ??', to: 'null ??' }],
  },
  {
    rule: 1,
    what: 'what cannot be undone follows from silence',
    edits: [
      {
        file: DECIDE,
        from: 'if (reversible) return null;\n  if (!asked)',
        to: 'if (seen) return null;\n  if (!asked)',
      },
      { file: GUARDS, from: 'if (reversible) return null;', to: 'if (record) return null;' },
      { file: TELL_ITEMS, from: 'item.reversible &&', to: 'true &&' },
    ],
  },
  {
    rule: 1,
    what: 'what cannot be undone by now is stopped on the word given while it could be',
    edits: [
      {
        file: DECIDE,
        from: 'if (life.approved === null || samePerson(life.approved.by, recipient.person)) return NO_APPROVER;',
        to: '',
      },
      { file: GUARDS, from: 'return approved === null || same ?', to: 'return record === null ?' },
    ],
  },
  {
    rule: 1,
    what: 'the word given while it could be undone waits for ever, and nobody is warned anew',
    seed: 435,
    edits: [
      {
        file: DECIDE,
        from: 'return turned(seen, event, early) ?? notYet(',
        to: 'return notYet(',
      },
    ],
  },
  {
    rule: 2,
    what: 'a look that failed is taken for the last one',
    seed: 152,
    edits: [
      {
        file: EVALUATE,
        from: 'if (!looked.ok) return unknown(looked.reason);',
        to: 'if (!looked.ok) looked = { ok: true, resource: null, judgement: { ...finding, scopes: record.scopes }, actionable: true };',
      },
    ],
  },
  {
    rule: 2,
    what: 'an index whose counter of queries did not tell is taken for one that is asked',
    seed: 239,
    edits: [
      {
        file: 'lib/platform/coverage.ts',
        from: 'if (dataset !== undefined && switchedOff?.includes(dataset) === true) return false;',
        to: '',
      },
    ],
  },
  {
    rule: 2,
    what: 'of what a finding of an index rests on the store alone counts, and its counter does not',
    seed: 239,
    edits: [
      {
        file: 'lib/ledger/decide/audit.ts',
        from: 'for (const scope of record.scopes) {',
        to: 'for (const scope of record.scopes.slice(0, 1)) {',
      },
    ],
  },
  {
    rule: 2,
    what: 'any verdict may be acted on, also that nothing was observed',
    edits: [{ file: 'lib/run/terms.ts', from: '?.actionable === true', to: ' !== undefined' }],
  },
  {
    rule: 2,
    what: 'what nothing proves is told under any policy',
    edits: [
      {
        file: 'lib/ledger/decide/audit.ts',
        from: 'return actionable || policy.named === true || !isUncertain(verdict);',
        to: 'return actionable || policy.mode !== "off" || !isUncertain(verdict);',
      },
    ],
  },
  {
    rule: 2,
    what: 'silence stops what nothing proves, where its check is named',
    edits: [
      {
        file: 'lib/ledger/decide/audit.ts',
        from: "return policy.mode === 'stop' && actionable;",
        to: "return policy.mode === 'stop' && (actionable || policy.named === true);",
      },
      { file: TELL_ITEMS, from: '    life.actionable &&\n', to: '' },
      {
        file: DECIDE,
        from: "if (fresh.kind === 'rests' && !asked)",
        to: "if (fresh.kind === 'rests' && false)",
      },
      {
        file: STOP,
        from: "if (!asked || (fresh.kind !== 'in-use' && fresh.kind !== 'rests')) return false;",
        to: "if (fresh.kind !== 'in-use' && fresh.kind !== 'rests') return false;",
      },
    ],
  },
  {
    rule: 2,
    what: '"stop now" on what nothing proves holds against use that is seen',
    seed: 873,
    edits: [
      { file: DECIDE, from: 'asked && life.stopNow?.unproven !== true;', to: 'asked;' },
      {
        file: STOP,
        from: "if (fresh.kind === 'in-use' && life.stopNow?.unproven === true) return false;",
        to: '',
      },
    ],
  },
  {
    rule: 2,
    what: 'what its action could not read counts as unchanged',
    seed: 152,
    edits: [
      {
        file: EVALUATE,
        from: 'return unknown(`it could not be read: ${error.message}`);',
        to: 'live = { resource: { ...finding, id: finding.resourceId, tags: { owner: record.life.notice?.recipient.id ?? "", env: "research" } }, fingerprint: record.life.fingerprint ?? { launch: null, parent: null }, done: false, protection: null, lost: [], staysBilled: [], risks: [] };',
      },
    ],
  },
  {
    rule: 3,
    what: 'it acts, then writes',
    edits: [
      {
        file: STOP,
        from: "  const moved = await move(sweep, each, {\n    type: 'checked',\n    fresh: seen.fresh,",
        to: "  if (wanted && seen.intent !== null) await action?.apply(seen.intent.plan, null);\n  const moved = await move(sweep, each, {\n    type: 'checked',\n    fresh: seen.fresh,",
      },
    ],
  },
  {
    rule: 3,
    what: 'the plan that brings it back is not kept',
    edits: [
      {
        file: EVALUATE,
        from: "intent: { kind: 'stop', action: action.id, plan, undoPlan,",
        to: "intent: { kind: 'stop', action: action.id, plan, undoPlan: null,",
      },
    ],
  },
  {
    rule: 3,
    what: 'records are written without their audit entry',
    edits: [
      {
        file: CONTEXT,
        from: 'parts.ledger.put(write.record, write.expected, write.audit)',
        to: 'parts.ledger.put(write.record, write.expected, null)',
      },
    ],
  },
  {
    rule: 3,
    what: 'an undo is carried out before it is written down',
    edits: [
      {
        file: UNDO,
        from: "const begun = each.finding.state === 'UNDO_REQUESTED'",
        to: "if (each.life.stopped !== null) await namedAction(sweep, each.life.stopped.action)?.undo(each.life.stopped.undoPlan, null);\n    const begun = each.finding.state === 'UNDO_REQUESTED'",
      },
    ],
  },
  {
    rule: 4,
    what: 'claims hold nobody off',
    edits: [{ file: CONTEXT, from: "=== 'held')", to: "=== 'never')" }],
  },
  {
    rule: 4,
    what: 'a stop that is under way for another finding does not count',
    seed: 218,
    edits: [{ file: EVALUATE, from: 'inFlight: others.find(', to: 'inFlight: [].find(' }],
  },
  {
    rule: 4,
    what: 'a message whose answer was lost is sent as another one',
    edits: [{ file: TELL, from: 'notice: open === true ? notice : null', to: 'notice: null' }],
  },
  {
    rule: 5,
    what: 'a write that lost counts as stored',
    seed: 1135,
    edits: [
      {
        file: ITEM,
        from: "(await parts.ledger.put(next, expected, audit)) === 'written'",
        to: "(await parts.ledger.put(next, expected, audit)) !== 'never'",
      },
    ],
  },
  {
    rule: 5,
    what: 'any signature will do',
    edits: [
      {
        file: 'lib/notices/signature.ts',
        from: "return matches > 0 ? null : 'wrong-signature';",
        to: 'return null;',
      },
    ],
  },
  {
    rule: 5,
    what: 'a request counts as often as it is sent',
    seed: 344,
    edits: [
      { file: 'lib/notices/replay.ts', from: 'return first;', to: 'return true;' },
      { file: 'lib/notices/signature.ts', from: "return 'too-old';", to: 'return null;' },
    ],
  },
  {
    rule: 5,
    what: 'anybody may answer a message',
    seed: 1338,
    edits: [
      {
        file: ITEM,
        from: "return owner ? null : 'Only the owner to whom",
        to: "return true ? null : 'Only the owner to whom",
      },
    ],
  },
  {
    rule: 5,
    what: 'a request signed long ago is answered',
    seed: 344,
    edits: [{ file: 'lib/notices/signature.ts', from: 'if (age > WINDOW_SECONDS)', to: 'if (false)' }],
  },
  {
    rule: 6,
    what: 'a warning from before a rest still counts',
    seed: 1179,
    edits: [{ file: EVALUATE, from: 'restedSince(record, siblings, live, now(sweep)) ??', to: '' }],
  },
  {
    rule: 6,
    what: 'what was kept goes on where it was when its time is over',
    edits: [
      { file: EVALUATE, from: 'restedSince(record, siblings, live, now(sweep)) ??', to: '' },
      {
        file: DECIDE,
        from: 'SNOOZED: (seen) => keeps(seen, { wakeAt: null }, REST_OVER),',
        to: "SNOOZED: (seen) => moves(seen, 'WARNED', { dueAt: seen.at, wakeAt: seen.at }, REST_OVER),",
      },
    ],
  },
  {
    rule: 6,
    what: 'what was kept is judged again and stopped on the old warning',
    edits: [
      { file: EVALUATE, from: 'restedSince(record, siblings, live, now(sweep)) ??', to: '' },
      {
        file: 'lib/ledger/decide/audit.ts',
        from: 'const life = { ...UNANSWERED, notice: null, fingerprint: null, undelivered: 0 };',
        to: "const life = { ...UNANSWERED, undelivered: 0 };\n  if (seen.state === 'SNOOZED' || seen.state === 'EXEMPT') return moves(seen, 'WARNED', { life, dueAt: seen.at, wakeAt: seen.at }, reason);",
      },
    ],
  },
  {
    rule: 7,
    what: 'whoever waits for a canary is told whose it is',
    seed: 139,
    edits: [
      {
        file: 'lib/run/sweep/canary.ts',
        from: "return 'it waits until the first stop of this policy has",
        to: "return record?.finding.resourceName + 'it waits until the first stop of this policy has",
      },
    ],
  },
  {
    rule: 7,
    what: 'one message holds what several own',
    edits: [
      { file: TELL, from: 'return `telling/${kind}/${id}`;', to: 'return `telling/${kind}`;' },
      { file: TELL, from: 'each.life.recipient?.id === recipient.id &&', to: '' },
    ],
  },
  {
    rule: 7,
    what: '"mine" shows what has become another’s',
    edits: [
      {
        file: 'lib/run/respond/mine.ts',
        from: 'const notices = (await noticesOf(ledger, person)).toReversed();',
        to: "const notices = (await Promise.all(['U0ANA', 'U0BEN', 'U0CYD'].map((user) => noticesOf(ledger, { ...person, user })))).flat();",
      },
      {
        file: 'lib/run/respond/mine.ts',
        from: 'if (told.recipient.person?.user !== person.user || told.recipient.person.team !== person.team)',
        to: 'if (false)',
      },
    ],
  },
  {
    rule: 8,
    what: 'what a stop saves is not kept for the bills',
    edits: [{ file: STOP, from: 'await noteStopped(sweep.parts.ledger, each.finding, at, action);', to: '' }],
  },
  {
    rule: 8,
    what: 'what others started or deleted goes on saving',
    edits: [
      {
        file: OUTSIDE,
        from: 'if (stops.some(({ from, until }) => until === null && from <= at)) await noteEnded(ledger, findingId, at);',
        to: 'if (stops.length > at.length) await noteEnded(ledger, findingId, at);',
      },
      {
        file: SAVINGS,
        from: "return finding.state === 'RESOLVED' ? observed.at :",
        to: 'return observed.at === "" ? "" :',
      },
    ],
  },
  {
    rule: 8,
    what: 'what others started saves until that is found out',
    edits: [
      {
        file: OUTSIDE,
        from: "what: 'started', at });",
        to: "what: 'started', at: at > asOf ? at : asOf });",
      },
    ],
  },
  {
    rule: 8,
    what: 'what our own stop deleted counts as deleted by others',
    edits: [{ file: OUTSIDE, from: '!deleting.has(action)', to: 'deleting.size >= 0' }],
  },
  {
    rule: 8,
    what: 'what goes on billing while it is stopped is not taken off',
    edits: [
      {
        file: REALISED,
        from: 'money(would.minus(wentOn).minus(unused), before.currency)',
        to: 'money(would.minus(unused), before.currency)',
      },
    ],
  },
  {
    rule: 8,
    what: 'commitments that went unused are not taken off',
    edits: [
      {
        file: REALISED,
        from: 'money(would.minus(wentOn).minus(unused), before.currency)',
        to: 'money(would.minus(wentOn), before.currency)',
      },
    ],
  },
  {
    rule: 8,
    what: 'what a late bill has not said yet is taken for nothing charged',
    edits: [
      {
        file: SAVINGS,
        from: 'const end = ends.get(source) ?? earliest;',
        to: 'const end = ends.size < 0 ? source : earliest;',
      },
    ],
  },
  {
    rule: 8,
    what: 'a stop whose bill never comes is taken for one that saved what was said',
    edits: [
      {
        file: SAVINGS,
        from: 'found === null ? [] : [{ stop, ...found }]',
        to: 'found === null ? (stop.estimated === null ? [] : [{ stop, saved: stop.estimated, hours: 0 }]) : [{ stop, ...found }]',
      },
    ],
  },
  {
    rule: 8,
    what: 'a stop does not say what it saves',
    edits: [
      { file: STOP, from: 'const estimated = each.finding.monthlySaving;', to: 'const estimated = null;' },
    ],
  },
  {
    rule: 8,
    what: 'what was brought back goes on saving',
    edits: [
      {
        file: UNDO,
        from: 'await noteEnded(parts.ledger, each.finding.id, await endOf(each, intent, action, session));',
        to: '',
      },
      {
        file: OUTSIDE,
        from: 'if (stops.some(({ from, until }) => until === null && from <= at)) await noteEnded(ledger, findingId, at);',
        to: 'if (stops.length > at.length) await noteEnded(ledger, findingId, at);',
      },
    ],
  },
];
