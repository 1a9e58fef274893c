import { textAt } from '../../../lib/notices/payload.ts';
import type { Fact } from '../journal.ts';
import { ADMIN, APPROVER, GUEST, TEAM } from '../slack.ts';
import type { Rule } from './model.ts';
import { type FindingSeen, isUnproven, type Past } from './past.ts';

const USERS: ReadonlyMap<string, string> = new Map([
  ['ana@acme.example', 'U0ANA'],
  ['ben@acme.example', 'U0BEN'],
  ['cyd@acme.example', 'U0CYD'],
]);

/** Rule 5: stored, then confirmed; and only what this person may. */
export const clicks: Rule = (entry, past, no) => {
  const { fact } = entry;
  const run = past.run(entry);
  if (run === null || run.what !== 'click') return;
  const { click } = run;
  if (fact.kind === 'answered' && fact.outcome === 'stored' && run.stored === 0)
    no(5, 'a click was confirmed, and nothing was stored');
  if (fact.kind !== 'trail' && fact.kind !== 'switched') return;
  if (click === null || !click.genuine) return no(5, 'a click that Slack did not send changed something');
  if (run.spoken > 0) no(5, 'somebody was told before it was stored');
  if (fact.kind === 'switched')
    return click.user === ADMIN ? undefined : no(5, `${click.user} paused everything`);
  if (fact.audit.actor !== `slack:${TEAM}:${click.user}`)
    no(5, `${click.user} clicked, the trail says ${fact.audit.actor}`);
  const why = denied(click, past, past.findings.get(fact.audit.findingId));
  if (why !== null) no(5, why);
};

function denied(
  { user, action, at }: Extract<Fact, { kind: 'clicked' }>,
  past: Past,
  finding: FindingSeen | undefined,
): string | null {
  const message = at === null ? null : past.message(at);
  if (message === null || finding === undefined) return 'a click on no message changed something';
  if (!message.names.includes(finding.thing)) return 'a click changed what its message does not name';
  const request = finding.life.get('request') ?? null;
  const owner = textAt(finding.life.get('notice') ?? null, 'recipient', 'person', 'user');
  switch (action) {
    case 'undo':
      return message.user === user || user === ADMIN ? null : `${user} undid what is not theirs`;
    case 'approve':
    case 'refuse':
      return user === APPROVER &&
        message.user === user &&
        textAt(request, 'by', 'user') !== user &&
        owner !== user
        ? null
        : `${user} may not approve it`;
    case 'claim':
      return message.user === null && user !== GUEST ? null : `${user} may not claim it`;
    default:
      return message.user === user
        ? null
        : `${user} answered a message to ${message.user ?? message.channel}`;
  }
}

/** Rule 7: nobody is shown what is not theirs. */
export const notices: Rule = (entry, past, no) => {
  const { fact } = entry;
  if (fact.kind === 'said') {
    const user = fact.user ?? (fact.thread && fact.channel.startsWith('DU') ? fact.channel.slice(1) : null);
    for (const thing of fact.names) {
      const findings = past.ofThing(thing);
      if (user === null && !fact.buttons.includes('claim')) continue;
      const since = past.run(entry)?.seq ?? entry.seq;
      const allowed = findings.some((each) =>
        user === null ? unowned(each, since) : theirs(each, user, since),
      );
      if (!allowed) no(7, `${user ?? fact.channel} was told of ${thing}`);
    }
  }
  if (fact.kind === 'trail' && textAt(fact.audit.details, 'event') === 'delivered') {
    const finding = past.findings.get(fact.audit.findingId);
    if (finding !== undefined && isUnproven(finding)) {
      if (finding.judgedUnder?.named !== true)
        no(2, `the owner of ${finding.thing} was told of what nothing proves, and no policy names its check`);
      if (textAt(fact.audit.details, 'after', 'dueAt') !== '')
        no(2, `${finding.thing} was given a date, and nothing is proven of it`);
    }
  }
  if (fact.kind === 'redrawn') {
    const first = past.message(fact);
    if (first === null) return no(7, 'a message was redrawn that nobody has sent');
    for (const thing of fact.names)
      if (!first.names.includes(thing))
        no(7, `a message to ${first.user ?? first.channel} tells of ${thing} now`);
  }
  if (fact.kind === 'answered' && past.run(entry)?.click?.action === 'mine') {
    const user = past.run(entry)?.click?.user ?? '';
    for (const thing of fact.names)
      if (!past.ofThing(thing).some((each) => theirs(each, user)))
        no(7, `${user} was answered with ${thing}`);
  }
  if (fact.kind === 'home')
    for (const thing of fact.names)
      if (!past.ofThing(thing).some((each) => theirs(each, fact.user)))
        no(7, `${fact.user} sees ${thing} at home`);
};

/** The channel's, or so until somebody took it on while the run spoke that began at `since`. */
function unowned({ life, channelEnded }: FindingSeen, since: number): boolean {
  return textAt(life.get('recipient') ?? null, 'kind') === 'channel' || channelEnded > since;
}

/**
 * Named by tag, account, claim or hand-over as the one who answers for it; or asked to approve. `since`: the run
 * began there, and what was asked for then may be taken back while it speaks.
 */
function theirs(
  { life, requestEnded }: FindingSeen,
  user: string,
  since = Number.POSITIVE_INFINITY,
): boolean {
  const recipient = life.get('recipient') ?? null;
  const id = textAt(recipient, 'id');
  const told = textAt(life.get('notice') ?? null, 'recipient', 'person', 'user');
  const open = (life.get('request') ?? null) !== null || requestEnded > since;
  const asked = user === APPROVER && open;
  return asked || told === user || id === user || USERS.get(id) === user;
}
