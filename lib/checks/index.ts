import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import * as expired from './expired-experiment.ts';
import * as idle from './idle-gpu.ts';
import type { Check, Facts, Judgement } from './model.ts';
import * as stale from './stale-embeddings.ts';
import * as policy from './tag-policy.ts';
import * as volume from './unattached-volume.ts';
import * as untag from './untagged.ts';

/** Settings schemas by check id, as the config's `checks:` key holds them; each has a default for every key. */
export const checkSettings = {
  'idle-gpu': idle.settings,
  untagged: untag.settings,
  'tag-policy': policy.settings,
  'stale-embeddings': stale.settings,
  'expired-experiment': expired.settings,
  'unattached-volume': volume.settings,
} as const;

/** What the assembler may add to the settings of the tag checks; no config key. */
const added = { defaultRequired: z.array(z.string()).optional() };

const complete = {
  'idle-gpu': idle.settings.prefault({}),
  untagged: untag.settings.extend(added).prefault({}),
  'tag-policy': policy.settings.extend(added).prefault({}),
  'stale-embeddings': stale.settings.prefault({}),
  'expired-experiment': expired.settings.prefault({}),
  'unattached-volume': volume.settings.prefault({}),
} as const;

/** Settings of every check, with what the assembler adds to them (`defaultRequired`). */
export type CheckSettings = { [K in keyof typeof complete]: z.output<(typeof complete)[K]> };

/** Settings with no config at all: every check is on. */
export function defaultCheckSettings(): CheckSettings {
  return z.strictObject(complete).parse({});
}

/** A check bound to the schema of its settings. */
interface Bound {
  readonly check: Omit<Check, 'judge'>;
  readonly judge: (facts: Facts, settings: unknown, now: Date) => Judgement[];
}

function bind<S>(check: Check<S>, schema: z.ZodType<S>): Bound {
  return {
    check,
    judge: (facts, settings, now) => {
      const parsed = schema.safeParse(settings);
      if (!parsed.success)
        throw new BursarError('config', z.prettifyError(parsed.error), { where: `checks.${check.id}` });
      return check.judge(facts, parsed.data, now);
    },
  };
}

const BOUND: readonly Bound[] = [
  bind(idle.idleGpu, complete['idle-gpu']),
  bind(untag.untagged, complete.untagged),
  bind(policy.tagPolicy, complete['tag-policy']),
  bind(stale.staleEmbeddings, complete['stale-embeddings']),
  bind(expired.expiredExperiment, complete['expired-experiment']),
  bind(volume.unattachedVolume, complete['unattached-volume']),
];

/** Every check, for `bursar checks` and for what may be acted on. */
export const checks: readonly Omit<Check, 'judge'>[] = BOUND.map(({ check }) => check);

/**
 * All judgements, in the order of the registry. Pure.
 * @param settings settings by check id; a check without an entry is off
 * @throws BursarError (config) where settings are not what the check's schema allows
 */
export function judgeAll(
  facts: Facts,
  settings: Readonly<Record<string, unknown>>,
  now: Date,
): { judgements: Judgement[]; checksRun: string[] } {
  const on = BOUND.filter(({ check }) => settings[check.id] !== undefined);
  return {
    judgements: on.flatMap(({ check, judge }) => judge(facts, settings[check.id], now)),
    checksRun: on.map(({ check }) => check.id),
  };
}

export { type OwnerSettings, ownerResolver } from './owner.ts';
export {
  type RequiredKeys,
  requiredKeys,
  requiredOf,
  type TaggingSummary,
  taggingSummary,
} from './tagging.ts';
