import { savingsOf } from '../../lib/run/savings.ts';
import { billed, billingOf, lakeOf } from './bills.ts';
import { forged, someClick, submission } from './clicks.ts';
import { someConfig } from './config.ts';
import type { Entry } from './journal.ts';
import { type Random, randomFrom } from './random.ts';
import { check } from './rules/index.ts';
import type { Break } from './rules/model.ts';
import { auditJob, clickJob, type Job, runJobs, sweepJob } from './runs.ts';
import { USERS } from './slack.ts';
import type { Step, Story } from './story.ts';
import { happening } from './things.ts';
import { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What came of a story. */
export interface Played {
  readonly entries: readonly Entry[];
  /** Empty: no rule was broken. */
  readonly breaks: readonly Break[];
}

/** Plays a story to its end, then some calm runs in which all that was begun must come to an end. */
export async function play(story: Story): Promise<Played> {
  const world = new World(story.seed);
  for (const each of story.steps) {
    await step(world, each);
    world.pass(MINUTE);
  }
  world.journal.add(null, { kind: 'world', what: 'calm', thing: null, now: null });
  for (let turn = 0; turn < 3; turn += 1) {
    world.pass(HOUR);
    await runJobs(world, [sweepJob('act')], [], randomFrom(turn));
  }
  await bills(world, story.seed);
  return {
    entries: world.journal.entries,
    breaks: check(world.journal.entries, [...world.ledger.records()], world.ledger.docs()),
  };
}

/** A last audit, and what the bills of later days say of what was stopped: soon, and when late ones have come. */
async function bills(world: World, seed: number): Promise<void> {
  world.pass(HOUR);
  // However slow a start or stop was, it is through by now.
  for (const thing of world.things.values()) {
    if (thing.state === 'starting') world.things.set(thing.id, { ...thing, state: 'running' });
    if (thing.state === 'stopping') world.things.set(thing.id, { ...thing, state: 'stopped' });
  }
  await runJobs(world, [auditJob(false)], [], randomFrom(seed));
  const stopped = [...world.ledger.docs().keys()].some((key) => key.startsWith('saving/'));
  const things = [...world.things.values()];
  for (const first of stopped ? [true, false] : []) {
    world.pass((first ? 1 : 6) * DAY);
    const until = Math.floor(world.now / DAY) * DAY;
    const all = billed(seed, world.journal.entries, things, until, first);
    const told = await savingsOf(
      lakeOf(seed, things, all),
      world.ledger,
      null,
      new Date(until).toISOString(),
    );
    const billedSo = (how: string) =>
      new Set(things.filter((_, index) => billingOf(seed, index).how === how).map(({ id }) => id));
    const restated = first ? billedSo('restated') : new Set<string>();
    const patchy = billedSo('patchy');
    world.journal.add(null, { kind: 'savings', bills: all, restated, patchy, told });
  }
}

async function step(world: World, { kind, want, seed, faults }: Step): Promise<void> {
  const random = randomFrom(seed);
  const run = (...jobs: Job[]) => runJobs(world, jobs, [faults], random);
  switch (kind) {
    case 'audit':
      return await run(auditJob(false));
    case 'blind-audit':
      return await run(auditJob(true));
    case 'sweep':
      return await run(sweepJob('act'));
    case 'warn-sweep':
      return await run(sweepJob('warn'));
    case 'dry-sweep':
      return await run(sweepJob('dry-run'));
    case 'sweeps':
      return await run(sweepJob('act'), sweepJob('act'));
    case 'sweep+audit':
      return await run(sweepJob('act'), auditJob(random.chance(0.2)));
    case 'sweep+click': {
      const sent = someClick(world, random, want);
      return await run(sweepJob('act'), ...(sent === null ? [] : [clickJob(sent)]));
    }
    case 'click':
    case 'double-click': {
      const sent = someClick(world, random, want);
      if (sent === null) return;
      world.slack.opened = null;
      await run(clickJob(sent));
      if (kind === 'double-click') return await run(clickJob({ ...sent, genuine: false }));
      const filled = submission(world, random, sent);
      if (filled !== null) await run(clickJob(filled));
      return;
    }
    case 'forged-click': {
      const sent = someClick(world, random, want);
      if (sent !== null) await run(clickJob(forged(world, random, sent)));
      return;
    }
    case 'wait':
      return wait(world, random, want);
    case 'world': {
      const thing = random.any([...world.things.values()]);
      const found = thing === null ? null : happening(random, thing, world.iso(), want);
      if (found !== null) world.change(found.what, found.next);
      return;
    }
    case 'config': {
      const next = someConfig(random);
      return world.configure(random.chance(0.2) ? { ...world.config, paused: !world.config.paused } : next);
    }
    case 'slack':
      return slack(world, random, want);
  }
}

function wait(world: World, random: Random, want: string | null): void {
  if (want === 'back') return world.pass(-5 * MINUTE);
  const length: Readonly<Record<string, number>> = {
    short: 15 * MINUTE,
    day: DAY,
    long: 4 * DAY,
    fortnight: 16 * DAY,
  };
  world.pass((length[want ?? ''] ?? untilDue(world)) + random.below(3) * MINUTE);
}

/** Until something is due, at most a month. */
function untilDue(world: World): number {
  const next = world.ledger
    .records()
    .map(({ wakeAt }) => (wakeAt === null ? Number.POSITIVE_INFINITY : Date.parse(wakeAt)))
    .filter((at) => at > world.now);
  return Math.min(30 * DAY, Math.max(0, Math.min(...next, world.now + 30 * DAY) - world.now)) + MINUTE;
}

function slack(world: World, random: Random, want: string | null): void {
  if (want === 'archived') world.slack.archived = !world.slack.archived;
  else {
    const user = random.pick(USERS);
    if (!world.slack.left.delete(user)) world.slack.left.add(user);
  }
  world.journal.add(null, { kind: 'world', what: `slack ${want ?? ''}`, thing: null, now: null });
}
