import type { Json } from '../../../lib/estate/model.ts';
import type { AuditRecord } from '../../../lib/ledger/model.ts';
import { at as partOf, textAt } from '../../../lib/notices/payload.ts';
import { CHECKS, findingsOf } from '../cloud.ts';
import type { Config } from '../config.ts';
import type { Entry, Fact } from '../journal.ts';
import type { Thing } from '../things.ts';

/** A rest that a person was given, as the trail has it. */
export interface HoldSeen {
  readonly check: string | null;
  readonly from: number;
  readonly until: number;
}

/** A finding as its trail alone tells it. */
export interface FindingSeen {
  readonly id: string;
  readonly thing: string;
  readonly check: string;
  state: string;
  /** Parts of its life, as the newest entry that changed them says. */
  readonly life: Map<string, Json>;
  readonly holds: HoldSeen[];
  /** What the run that wrote the warning down had read of the thing. */
  warnedOf: Thing | null;
  /** When the stop that is under way was written down. */
  stoppingAt: number | null;
  /** The entry that did. */
  stoppingSeq: number;
  /** What the config said then. */
  stoppingUnder: Config | null;
  /** Who, by the trail, said "stop now" and who approved it. */
  stopNowBy: string | null;
  approvedBy: string | null;
  /** Who said "stop now" had been told of nothing that was proven. */
  unproven: boolean;
  /** What the config said when it was judged last with a change. */
  judgedUnder: Config | null;
  stops: number;
  /** The entry after which it was no longer the channel's; -1: it never was. */
  channelEnded: number;
  /** The entry after which nobody was asked to approve anything any more; -1: nobody was. */
  requestEnded: number;
  /** Whether what was brought back could not be read then. */
  unread: boolean;
  /** When undos of it were written down, by their intents. */
  readonly undosAt: number[];
  /** When its state changed last. */
  movedAt: number;
  movedSeq: number;
}

/** A run as the log tells it. */
export interface RunSeen {
  /** Its first entry. */
  readonly seq: number;
  readonly what: 'audit' | 'sweep' | 'click';
  readonly config: Config;
  readonly looks: Map<string, Thing | 'gone' | 'failed'>;
  readonly reads: Map<string, { readonly saw: Thing | 'gone' | 'failed'; readonly at: number }>;
  /** What was read of it last in this run: two findings of one thing read it once each, and one read may fail. */
  readonly known: Map<string, Thing>;
  readonly calls: Set<string>;
  switchRead: boolean | null;
  click: Extract<Fact, { kind: 'clicked' }> | null;
  stored: number;
  spoken: number;
  ended: boolean;
}

type Said = Extract<Fact, { kind: 'said' }>;

/** Everything that came before an entry, folded from the log alone: nothing here asks how Bursar decides. */
export class Past {
  readonly findings = new Map<string, FindingSeen>();
  readonly runs = new Map<string, RunSeen>();
  readonly things = new Map<string, Thing>();
  readonly messages = new Map<string, Said & { readonly at: number }>();
  /** Stops that had an effect, with the day on which each was written down. */
  readonly stops: {
    readonly findingId: string;
    readonly day: string;
    readonly cost: number;
    /** The entry that wrote it down. */
    readonly seq: number;
  }[] = [];
  /** The entry in which a thing was started or deleted last, but for our own deletions. */
  readonly ended = new Map<string, number>();
  /** The person who was told last of a thing, while nothing has been written about it since. */
  readonly told = new Map<string, string>();

  ofThing(thing: string): FindingSeen[] {
    return [...this.findings.values()].filter((each) => each.thing === thing);
  }

  message(place: { readonly channel: string; readonly ts: string }): (Said & { readonly at: number }) | null {
    return this.messages.get(`${place.channel}/${place.ts}`) ?? null;
  }

  run(entry: Entry): RunSeen | null {
    return entry.run === null ? null : (this.runs.get(entry.run) ?? null);
  }

  add(entry: Entry): void {
    const { fact, run: id } = entry;
    const run = this.run(entry);
    switch (fact.kind) {
      case 'began':
        if (id !== null) this.runs.set(id, begun(fact, entry.seq));
        return;
      case 'world':
        if (fact.now !== null) this.things.set(fact.now.id, fact.now);
        if (fact.thing !== null && (fact.what === 'started' || fact.what === 'deleted'))
          this.ended.set(fact.thing, entry.seq);
        return;
      case 'looked':
        run?.looks.set(fact.findingId, fact.saw);
        return;
      case 'read':
        run?.reads.set(fact.thing, { saw: fact.saw, at: entry.at });
        if (typeof fact.saw === 'object') run?.known.set(fact.thing, fact.saw);
        return;
      case 'switch-read':
        if (run !== null) run.switchRead = fact.paused;
        return;
      case 'call-begun':
        run?.calls.add(fact.thing);
        return;
      case 'call-ended':
        run?.calls.delete(fact.thing);
        return;
      case 'ended':
        run?.calls.clear();
        if (run !== null) run.ended = true;
        return;
      case 'effect':
        if (fact.op === 'undo') this.ended.set(fact.thing, entry.seq);
        return this.#effect(fact);
      case 'said':
        this.messages.set(`${fact.channel}/${fact.ts}`, { ...fact, at: entry.at });
        if (fact.user !== null && !fact.thread && fact.buttons.includes('keep'))
          for (const thing of fact.names) this.told.set(thing, fact.user);
        if (run !== null) run.spoken += 1;
        return;
      case 'redrawn':
      case 'home':
        if (run !== null) run.spoken += 1;
        return;
      case 'clicked':
        if (run !== null) run.click = fact;
        return;
      case 'switched':
        if (run !== null) run.stored += 1;
        return;
      case 'trail':
        if (run !== null) run.stored += 1;
        return this.#trail(entry, fact.audit, run);
      case 'answered':
      case 'savings':
      case 'config':
      case 'fault':
        return;
      default:
    }
  }

  #effect({ op, thing, was }: Extract<Fact, { kind: 'effect' }>): void {
    if (op !== 'apply') return;
    const finding = this.ofThing(thing).find(({ state }) => state === 'STOPPING');
    if (finding?.stoppingAt === undefined || finding.stoppingAt === null) return;
    const { id: findingId, stoppingAt, stoppingSeq: seq } = finding;
    this.stops.push({ findingId, day: dayOf(stoppingAt), cost: was.cost, seq });
  }

  #trail(entry: Entry, audit: AuditRecord, run: RunSeen | null): void {
    this.told.delete(audit.resourceId);
    const finding = this.findings.get(audit.findingId) ?? newFinding(audit);
    this.findings.set(finding.id, finding);
    if (audit.from !== audit.to) {
      finding.movedAt = entry.at;
      finding.movedSeq = entry.seq;
    }
    finding.state = audit.to;
    const after = partOf(audit.details, 'after');
    const asked = (finding.life.get('request') ?? null) !== null;
    const offered = textAt(finding.life.get('recipient') ?? null, 'kind') === 'channel';
    if (typeof after === 'object' && after !== null)
      for (const [key, value] of Object.entries(after)) finding.life.set(key, value);
    if (offered && textAt(finding.life.get('recipient') ?? null, 'kind') !== 'channel')
      finding.channelEnded = entry.seq;
    if (asked && (finding.life.get('request') ?? null) === null) finding.requestEnded = entry.seq;
    const event = textAt(audit.details, 'event');
    const hold = partOf(after, 'hold');
    const until = textAt(hold, 'until');
    if (until !== '') {
      const check = textAt(hold, 'check');
      finding.holds.push({ check: check === '' ? null : check, from: entry.at, until: Date.parse(until) });
    }
    if (event === 'delivered') {
      finding.warnedOf = run?.known.get(finding.thing) ?? null;
    }
    if (event === 'judged') finding.judgedUnder = run?.config ?? null;
    if (event === 'stop-now') {
      finding.stopNowBy = audit.actor;
      finding.unproven = isUnproven(finding);
    }
    if (event === 'stop-approved') finding.approvedBy = audit.actor;
    if (audit.to === 'STOPPING' && audit.from !== 'STOPPING') {
      finding.stoppingAt = entry.at;
      finding.stoppingSeq = entry.seq;
      finding.stoppingUnder = run?.config ?? null;
    }
    if (audit.to === 'RESTORED') finding.unread = run?.reads.get(finding.thing)?.saw === 'failed';
    if (audit.to === 'STARTING' && audit.from !== 'STARTING')
      finding.undosAt.push(Date.parse(textAt(after, 'intent', 'at')));
    if (audit.to === 'STOPPED' && audit.from !== 'STOPPED') finding.stops += 1;
  }
}

function begun({ what, config }: Extract<Fact, { kind: 'began' }>, seq: number): RunSeen {
  return {
    seq,
    what,
    config,
    looks: new Map(),
    reads: new Map(),
    known: new Map(),
    calls: new Set(),
    switchRead: null,
    click: null,
    stored: 0,
    spoken: 0,
    ended: false,
  };
}

function newFinding({ findingId, resourceId, to }: AuditRecord): FindingSeen {
  return {
    id: findingId,
    thing: resourceId,
    check: checkOf(findingId, resourceId),
    state: to,
    life: new Map(),
    holds: [],
    warnedOf: null,
    stoppingAt: null,
    stoppingSeq: -1,
    stoppingUnder: null,
    stopNowBy: null,
    approvedBy: null,
    unproven: false,
    judgedUnder: null,
    stops: 0,
    requestEnded: -1,
    channelEnded: -1,
    undosAt: [],
    unread: false,
    movedAt: 0,
    movedSeq: -1,
  };
}

/** Of the model's verdicts, what says of a machine that nothing is known for certain. */
export function isUnproven({ check, life }: Pick<FindingSeen, 'check' | 'life'>): boolean {
  return check !== 'tag-policy' && life.get('actionable') === false;
}

function checkOf(findingId: string, thing: string): string {
  return CHECKS[findingsOf(thing).indexOf(findingId)] ?? 'unknown';
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
