import { ACCOUNT, PROTECTED } from './config.ts';
import type { Random } from './random.ts';

/** Something in the cloud, as it really is. Values are replaced, never changed, so a log may keep them. */
export interface Thing {
  readonly id: string;
  /** No two share it, and no message says it by chance. */
  readonly name: string;
  /**
   * A machine can be brought back; a disk that is deleted cannot. An index of vectors is known by its counter of
   * queries alone: where that is missing, nothing is judged and its absence proves nothing.
   */
  readonly kind: 'machine' | 'disk' | 'index';
  readonly state: 'running' | 'stopping' | 'stopped' | 'starting' | 'deleted';
  /** Looks that a change of state still takes. */
  readonly pending: number;
  readonly launch: string;
  readonly parent: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly telemetry: 'idle' | 'busy' | 'missing' | 'suspected';
  /** Breaks a rule of the tags, for good. */
  readonly faulty: boolean;
  readonly protection: string | null;
  /** Of a machine: it has begun to hold what stopping it would lose for good. */
  readonly ephemeral: boolean;
  /** USD a month, whole. */
  readonly cost: number;
}

const NAMES = ['zebulon', 'quixote', 'jabberwo'] as const;
export const OWNERS = ['ana@acme.example', 'ben@acme.example', 'cyd@acme.example'] as const;

const PLACES = { machine: 'instance/i', disk: 'volume/vol', index: 'index/x' } as const;

export function someThings(random: Random, at: string): Thing[] {
  const count = random.pick([1, 1, 2, 2, 3]);
  return NAMES.slice(0, count).map((name) => {
    const disk = random.chance(0.2);
    const kind = disk ? 'disk' : random.chance(0.2) ? 'index' : 'machine';
    return {
      id: `arn:aws:ec2:us-east-1:${ACCOUNT}:${PLACES[kind]}-${name}`,
      name,
      kind,
      state: 'running',
      pending: 0,
      launch: at,
      parent: random.chance(0.05) ? 'aws:autoscaling:group workers' : null,
      tags: someTags(random),
      telemetry: random.pick(['idle', 'idle', 'idle', 'idle', 'busy', 'missing', 'suspected']),
      faulty: disk || (kind === 'machine' && random.chance(0.4)),
      protection: null,
      ephemeral: false,
      cost: random.pick([30, 400, 900, 4000]),
    };
  });
}

function someTags(random: Random): Record<string, string> {
  const owner = random.chance(0.8)
    ? random.pick(OWNERS)
    : random.pick(['', 'ghost@acme.example', '#finops', '?']);
  return {
    ...(owner === '' ? {} : { owner }),
    env: random.pick(['research', 'research', 'research', 'batch', 'dev', 'prod']),
  };
}

/** One thing that can happen to something without Bursar, and its name in the log. */
export function happening(
  random: Random,
  thing: Thing,
  now: string,
  wanted: string | null,
): { what: string; next: Thing } | null {
  const what =
    wanted ??
    random.pick([
      'telemetry',
      'telemetry',
      'relaunched',
      'stopped',
      'started',
      'deleted',
      'parent',
      'owner',
      'env',
      'protect',
      'protection',
      'faulty',
      'ephemeral',
    ]);
  const { tags, state } = thing;
  switch (what) {
    case 'telemetry':
      return {
        what,
        next: { ...thing, telemetry: random.pick(['idle', 'idle', 'busy', 'missing', 'suspected']) },
      };
    case 'idle':
    case 'busy':
    case 'missing':
      return { what, next: { ...thing, telemetry: what } };
    case 'relaunched':
      return state === 'running' && thing.kind !== 'disk' ? { what, next: { ...thing, launch: now } } : null;
    case 'stopped':
      return state === 'running' && thing.kind !== 'disk'
        ? { what, next: { ...thing, state: 'stopped', pending: 0 } }
        : null;
    case 'started':
      return state === 'stopped' ? { what, next: { ...thing, state: 'running', launch: now } } : null;
    case 'deleted':
      return state === 'deleted' ? null : { what, next: { ...thing, state: 'deleted', pending: 0 } };
    case 'parent':
      return { what, next: { ...thing, parent: thing.parent === null ? 'aws:eks:nodegroup pool' : null } };
    case 'owner': {
      const owner = random.pick([...OWNERS, 'ghost@acme.example', '']);
      const others = Object.fromEntries(Object.entries(tags).filter(([key]) => key !== 'owner'));
      return { what, next: { ...thing, tags: owner === '' ? others : { ...others, owner } } };
    }
    case 'env':
      return {
        what,
        next: { ...thing, tags: { ...tags, env: random.pick(['research', 'batch', 'dev', 'prod']) } },
      };
    case 'protect': {
      const bare = Object.fromEntries(Object.entries(tags).filter(([key]) => key !== PROTECTED));
      return { what, next: { ...thing, tags: PROTECTED in tags ? bare : { ...tags, [PROTECTED]: 'yes' } } };
    }
    case 'protection':
      return {
        what,
        next: { ...thing, protection: thing.protection === null ? 'stop protection is on' : null },
      };
    case 'faulty':
      return { what, next: { ...thing, faulty: !thing.faulty } };
    case 'ephemeral':
      return thing.kind === 'machine' ? { what, next: { ...thing, ephemeral: !thing.ephemeral } } : null;
    default:
      return null;
  }
}
