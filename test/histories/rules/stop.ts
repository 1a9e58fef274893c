import { at as partOf, textAt } from '../../../lib/notices/payload.ts';
import { type Config, PROTECTED } from '../config.ts';
import type { Entry } from '../journal.ts';
import { APPROVER, TEAM } from '../slack.ts';
import type { Thing } from '../things.ts';
import type { Break, Rule } from './model.ts';
import { dayOf, type FindingSeen, type Past, type RunSeen } from './past.ts';

const HOUR = 3_600_000;

/** Rules 1, 2 and 6: what has to be true of every call that stopped or deleted something. */
export const stop: Rule = (entry, past, no) => {
  const { fact } = entry;
  if (fact.kind !== 'effect' || fact.op !== 'apply') return;
  const [finding, ...others] = past.ofThing(fact.thing).filter(({ state }) => state === 'STOPPING');
  const run = past.run(entry);
  if (finding === undefined || run === null)
    return no(3, `${fact.thing} was stopped without a stop in the trail`);
  if (others.length > 0) no(4, `two stops of ${fact.thing} were under way`);
  const read = run.reads.get(fact.thing);
  const look = run.looks.get(finding.id);
  if (read === undefined || look === undefined)
    return no(1, 'it was not read again in the run that stopped it');
  if (typeof read.saw === 'string' || typeof look === 'string')
    return no(2, `it was stopped though its look ended with ${JSON.stringify([read.saw, look])}`);
  const asked = ownersWord(finding);
  verdict(finding, look, asked, no);
  same(finding, read.saw, no);
  policy(entry, finding, run, read.saw, past, asked, no);
  holds(entry, finding, past, no);
  limits(entry, finding, run, read, past, no);
  if (read.saw.kind === 'disk' || read.saw.ephemeral) irreversible(finding, asked, no);
};

type No = (rule: Break['rule'], text: string) => void;

/** "Stop now", said on the notice that counts by the person whom it was sent to. */
function ownersWord({ life, stopNowBy }: FindingSeen): boolean {
  const stopNow = life.get('stopNow') ?? null;
  const notice = life.get('notice') ?? null;
  const person = textAt(notice, 'recipient', 'person', 'user');
  return (
    stopNow !== null &&
    person !== '' &&
    textAt(stopNow, 'noticeId') === textAt(notice, 'id') &&
    stopNowBy === `slack:${TEAM}:${person}`
  );
}

function verdict({ check, unproven }: FindingSeen, saw: Thing, asked: boolean, no: No): void {
  if (asked && unproven && saw.telemetry === 'busy')
    no(2, 'its owner was told that nothing was proven, and it was busy when it was stopped');
  if (asked) return;
  if (saw.state !== 'running') return no(1, `it was ${saw.state} when it was judged`);
  if (check === 'tag-policy') return saw.faulty ? undefined : no(1, 'its tags were in order');
  if (saw.telemetry === 'missing' || saw.telemetry === 'suspected')
    return no(2, `it was stopped on telemetry that was ${saw.telemetry}`);
  if (saw.telemetry === 'busy') no(1, 'it was busy');
}

function same({ warnedOf }: FindingSeen, saw: Thing, no: No): void {
  if (warnedOf === null) return no(1, 'nobody had read what the warning was about');
  if (warnedOf.launch !== saw.launch) no(1, 'it was launched again since the warning');
  if (warnedOf.parent !== saw.parent) no(1, 'it has another parent than at the warning');
  if (saw.protection !== null) no(1, 'it is protected by its provider');
  if (Object.keys(saw.tags).some((key) => key.toLowerCase() === PROTECTED))
    no(1, 'it carries a protecting tag');
}

/** What the config says of these tags, read without the code that Bursar reads it with. */
function ruleFor({ policies }: Config, { tags }: Thing): { readonly mode: string; readonly hours: number } {
  const { env } = tags;
  const found = env === 'research' || env === 'batch' ? policies[env] : policies['*'];
  return env === 'prod' && found.mode === 'stop' ? { ...found, mode: 'warn' } : found;
}

function policy(
  { at }: Entry,
  { life }: FindingSeen,
  { config }: RunSeen,
  saw: Thing,
  past: Past,
  asked: boolean,
  no: No,
): void {
  const { mode, hours } = ruleFor(config, saw);
  if (mode !== 'stop') no(1, `its policy is ${mode}`);
  const notice = life.get('notice') ?? null;
  const person = textAt(notice, 'recipient', 'person', 'user');
  const message = past.message({ channel: textAt(notice, 'channel'), ts: textAt(notice, 'ts') });
  if (textAt(notice, 'recipient', 'kind') !== 'owner' || person === '') return no(1, 'no owner was warned');
  if (message === null) return no(1, 'Slack never had the warning');
  if (message.user !== person)
    no(1, `the warning went to ${message.user ?? message.channel}, not to ${person}`);
  if (!message.names.includes(saw.id)) no(1, 'the warning did not name it');
  if (!asked && at - message.at < hours * HOUR)
    no(1, `only ${Math.round((at - message.at) / HOUR)} of ${hours} hours had passed since the warning`);
  const passed = life.get('passed') ?? [];
  const passedOver = (id: string) => Array.isArray(passed) && passed.includes(id);
  const tagged = saw.tags['owner']?.includes('@') ? saw.tags['owner'] : null;
  // Tag, then account; whoever was asked before and does not answer for it is passed over.
  const named = [tagged, config.account].find((id) => id !== null && !passedOver(id)) ?? null;
  if (named !== null && named !== textAt(notice, 'recipient', 'id'))
    no(1, `it is ${named}'s, who was not warned`);
}

function holds({ at }: Entry, finding: FindingSeen, past: Past, no: No): void {
  const notice = finding.life.get('notice') ?? null;
  const message = past.message({ channel: textAt(notice, 'channel'), ts: textAt(notice, 'ts') });
  // Said on the warning after the rest was over: an answer of its own.
  const asked = ownersWord(finding) ? Date.parse(textAt(finding.life.get('stopNow') ?? null, 'at')) : 0;
  for (const each of past.ofThing(finding.thing)) {
    for (const { check, until, from } of each.holds) {
      // What another finding is given after the stop has begun comes too late for it; undo is the answer then.
      if (finding.stoppingAt !== null && from > finding.stoppingAt) continue;
      if (check !== null && check !== finding.check) continue;
      if (until > at) no(1, 'a snooze or exemption was in force');
      else if (message !== null && until > Math.max(message.at, asked))
        no(6, 'a snooze or exemption ended, and nobody was warned since');
    }
    const request = each.life.get('request') ?? null;
    const check = textAt(request, 'check');
    if (each.state === 'EXEMPTION_REQUESTED' && (check === '' || check === finding.check))
      no(1, 'an exemption was asked for and not answered');
  }
}

function limits(
  _entry: Entry,
  finding: FindingSeen,
  { config, switchRead, what }: RunSeen,
  read: { readonly saw: Thing | 'gone' | 'failed'; readonly at: number },
  past: Past,
  no: No,
): void {
  if (what !== 'sweep') no(1, `a run of ${what} stopped it`);
  if (config.paused) no(1, 'everything was paused in the config');
  if (switchRead !== false)
    no(1, switchRead === null ? 'the kill switch was not read' : 'everything was paused');
  const hour = new Date(read.at).getUTCHours();
  const { quiet } = config;
  if (quiet !== null && (hour >= quiet.from || hour < quiet.to))
    no(1, `it was ${hour} o'clock, within quiet hours`);
  // A place under the caps is taken when the stop is written down: those count that were written down before it,
  // and had an effect or are under way.
  const { perDay, money } = finding.stoppingUnder ?? config;
  const day = dayOf(finding.stoppingAt ?? 0);
  const today = new Map(
    [...past.stops, ...underWay(past)]
      .filter(({ seq }) => seq < finding.stoppingSeq)
      .filter((each) => each.day === day && each.findingId !== finding.id)
      .map((each) => [each.findingId, each.cost]),
  );
  if (today.size + 1 > perDay) no(1, `${today.size} others were stopped that day, the cap is ${perDay}`);
  const cost = typeof read.saw === 'string' ? 0 : read.saw.cost;
  const sum = [...today.values()].reduce((total, each) => total + each, cost);
  if (money !== null && sum > money) no(1, `${sum} USD were stopped that day, the cap is ${money}`);
}

function underWay({ findings, things }: Past): Past['stops'] {
  return [...findings.values()]
    .filter(({ state }) => state === 'STOPPING')
    .map(({ id, thing, stoppingAt, stoppingSeq }) => ({
      findingId: id,
      day: dayOf(stoppingAt ?? 0),
      cost: things.get(thing)?.cost ?? 0,
      seq: stoppingSeq,
    }));
}

function irreversible({ life, approvedBy }: FindingSeen, asked: boolean, no: No): void {
  if (!asked) no(1, 'it was deleted without the word of its owner');
  const person = textAt(life.get('notice') ?? null, 'recipient', 'person', 'user');
  const approver = textAt(partOf(life.get('approved') ?? null, 'by'), 'user');
  if (approver !== APPROVER || approvedBy !== `slack:${TEAM}:${APPROVER}` || approver === person)
    no(1, 'it was deleted without a second person');
}
