import { z } from 'zod';
import * as idle from './idle-gpu.ts';
import type { Check, Facts, Judgement } from './model.ts';
import * as stale from './stale-embeddings.ts';
import * as policy from './tag-policy.ts';
import * as untag from './untagged.ts';

/** Settings schemas by check id, as the config's `checks:` key holds them; each has a default for every key. */
export const checkSettings = {
  'idle-gpu': idle.settings,
  untagged: untag.settings,
  'tag-policy': policy.settings,
  'stale-embeddings': stale.settings,
} as const;

/** Settings of every check, with what the assembler adds to them (`defaultRequired`). */
export interface CheckSettings {
  readonly 'idle-gpu': idle.IdleGpuSettings;
  readonly untagged: untag.UntaggedSettings;
  readonly 'tag-policy': policy.TagPolicySettings;
  readonly 'stale-embeddings': stale.StaleEmbeddingsSettings;
}

const schema = z.strictObject({
  'idle-gpu': idle.settings.prefault({}),
  untagged: untag.settings.prefault({}),
  'tag-policy': policy.settings.prefault({}),
  'stale-embeddings': stale.settings.prefault({}),
});

/** Settings with no config at all. */
export function defaultCheckSettings(): CheckSettings {
  return schema.parse({});
}

/** A check bound to where its settings lie among all. */
interface Bound {
  readonly check: Omit<Check, 'judge'>;
  readonly judge: (facts: Facts, settings: CheckSettings, now: Date) => Judgement[];
}

function bind<K extends keyof CheckSettings>(key: K, check: Check<CheckSettings[K]>): Bound {
  return { check, judge: (facts, settings, now) => check.judge(facts, settings[key], now) };
}

const BOUND: readonly Bound[] = [
  bind('idle-gpu', idle.idleGpu),
  bind('untagged', untag.untagged),
  bind('tag-policy', policy.tagPolicy),
  bind('stale-embeddings', stale.staleEmbeddings),
];

/** Every check, for `bursar checks` and for what may be acted on. */
export const checks: readonly Omit<Check, 'judge'>[] = BOUND.map(({ check }) => check);

/** All judgements of the checks named (all where left out), in the order of the registry. Pure. */
export function runChecks(
  facts: Facts,
  settings: CheckSettings,
  now: Date,
  only?: readonly string[],
): { judgements: Judgement[]; checksRun: string[] } {
  const chosen = BOUND.filter(({ check }) => only === undefined || only.includes(check.id));
  return {
    judgements: chosen.flatMap(({ judge }) => judge(facts, settings, now)),
    checksRun: chosen.map(({ check }) => check.id),
  };
}

export { type OwnerSettings, ownerResolver } from './owner.ts';
export { type RequiredKeys, requiredKeys, type TaggingSummary, taggingSummary } from './tagging.ts';
