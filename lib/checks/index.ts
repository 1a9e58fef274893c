import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { withPaidAllTheSame } from './after-stop.ts';
import * as expired from './expired-experiment.ts';
import * as failing from './failing-job.ts';
import * as addr from './idle-address.ts';
import * as database from './idle-database.ts';
import * as endpoint from './idle-endpoint.ts';
import * as idle from './idle-gpu.ts';
import * as lb from './idle-load-balancer.ts';
import * as nat from './idle-nat-gateway.ts';
import * as notebook from './idle-notebook.ts';
import * as throughput from './idle-provisioned-throughput.ts';
import * as uploads from './incomplete-uploads.ts';
import * as logs from './logs-kept-for-ever.ts';
import type { Check, Facts, Judgement, Verdict } from './model.ts';
import * as shutdown from './no-idle-shutdown.ts';
import * as lifecycle from './no-lifecycle-rule.ts';
import * as snapshot from './old-snapshot.ts';
import * as overrunning from './overrunning-job.ts';
import * as oversized from './oversized-accelerator.ts';
import * as conflict from './owner-conflict.ts';
import * as generation from './previous-generation.ts';
import * as sparse from './sparse-endpoint.ts';
import * as stale from './stale-embeddings.ts';
import * as stopped from './stopped-but-billed.ts';
import * as policy from './tag-policy.ts';
import * as unapproved from './unapproved-ai-service.ts';
import * as volume from './unattached-volume.ts';
import * as unattributed from './unattributed-ai.ts';
import * as untag from './untagged.ts';
import * as reservation from './unused-capacity-reservation.ts';

/** Settings schemas by check id, as the config's `checks:` key holds them; each has a default for every key. */
export const checkSettings = {
  'idle-gpu': idle.settings,
  untagged: untag.settings,
  'tag-policy': policy.settings,
  'stale-embeddings': stale.settings,
  'expired-experiment': expired.settings,
  'unattached-volume': volume.settings,
  'idle-address': addr.settings,
  'idle-load-balancer': lb.settings,
  'idle-nat-gateway': nat.settings,
  'idle-database': database.settings,
  'old-snapshot': snapshot.settings,
  'stopped-but-billed': stopped.settings,
  'logs-kept-for-ever': logs.settings,
  'incomplete-uploads': uploads.settings,
  'no-lifecycle-rule': lifecycle.settings,
  'previous-generation': generation.settings,
  'idle-provisioned-throughput': throughput.settings,
  'unused-capacity-reservation': reservation.settings,
  'failing-job': failing.settings,
  'overrunning-job': overrunning.settings,
  'idle-notebook': notebook.settings,
  'no-idle-shutdown': shutdown.settings,
  'sparse-endpoint': sparse.settings,
  'oversized-accelerator': oversized.settings,
  'idle-endpoint': endpoint.settings,
  'owner-conflict': conflict.settings,
  'unattributed-ai': unattributed.settings,
  'unapproved-ai-service': unapproved.settings,
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
  'idle-address': addr.settings.prefault({}),
  'idle-load-balancer': lb.settings.prefault({}),
  'idle-nat-gateway': nat.settings.prefault({}),
  'idle-database': database.settings.prefault({}),
  'old-snapshot': snapshot.settings.prefault({}),
  'stopped-but-billed': stopped.settings.prefault({}),
  'logs-kept-for-ever': logs.settings.prefault({}),
  'incomplete-uploads': uploads.settings.prefault({}),
  'no-lifecycle-rule': lifecycle.settings.prefault({}),
  'previous-generation': generation.settings.prefault({}),
  'idle-provisioned-throughput': throughput.settings.prefault({}),
  'unused-capacity-reservation': reservation.settings.prefault({}),
  'failing-job': failing.settings.prefault({}),
  'overrunning-job': overrunning.settings.prefault({}),
  'idle-notebook': notebook.settings.prefault({}),
  'no-idle-shutdown': shutdown.settings.prefault({}),
  'sparse-endpoint': sparse.settings.prefault({}),
  'oversized-accelerator': oversized.settings.prefault({}),
  'idle-endpoint': endpoint.settings.prefault({}),
  'owner-conflict': conflict.settings.extend(conflict.teamSettings).prefault({}),
  'unattributed-ai': unattributed.settings.extend(unattributed.keySettings).prefault({}),
  'unapproved-ai-service': unapproved.settings.prefault({}),
} as const;

/** Settings of every check, with what the assembler adds to them (`defaultRequired`). */
export type CheckSettings = { [K in keyof typeof complete]: z.output<(typeof complete)[K]> };

/** Settings with no config at all: every check is on. */
export function defaultCheckSettings(): CheckSettings {
  return z.strictObject(complete).parse({});
}

/** A check bound to the schema of its settings. */
interface Bound {
  readonly check: ListedCheck;
  readonly judge: (facts: Facts, settings: unknown, now: Date) => Judgement[];
  readonly wouldChange: (verdict: Verdict, settings: unknown) => readonly string[];
}

/** What a check says of itself. */
export type ListedCheck = Omit<Check, 'judge' | 'wouldChange'>;

function bind<S>(check: Check<S>, schema: z.ZodType<S>): Bound {
  const parsed = (settings: unknown): S => {
    const read = schema.safeParse(settings);
    if (!read.success)
      throw new BursarError('config', z.prettifyError(read.error), { where: `checks.${check.id}` });
    return read.data;
  };
  return {
    check,
    judge: (facts, settings, now) => check.judge(facts, parsed(settings), now),
    wouldChange: (verdict, settings) => check.wouldChange(verdict, parsed(settings)),
  };
}

const BOUND: readonly Bound[] = [
  bind(idle.idleGpu, complete['idle-gpu']),
  bind(untag.untagged, complete.untagged),
  bind(policy.tagPolicy, complete['tag-policy']),
  bind(stale.staleEmbeddings, complete['stale-embeddings']),
  bind(expired.expiredExperiment, complete['expired-experiment']),
  bind(volume.unattachedVolume, complete['unattached-volume']),
  bind(addr.idleAddress, complete['idle-address']),
  bind(lb.idleLoadBalancer, complete['idle-load-balancer']),
  bind(nat.idleNatGateway, complete['idle-nat-gateway']),
  bind(database.idleDatabase, complete['idle-database']),
  bind(snapshot.oldSnapshot, complete['old-snapshot']),
  bind(stopped.stoppedButBilled, complete['stopped-but-billed']),
  bind(logs.logsKeptForEver, complete['logs-kept-for-ever']),
  bind(uploads.incompleteUploads, complete['incomplete-uploads']),
  bind(lifecycle.noLifecycleRule, complete['no-lifecycle-rule']),
  bind(generation.previousGeneration, complete['previous-generation']),
  bind(throughput.idleProvisionedThroughput, complete['idle-provisioned-throughput']),
  bind(reservation.unusedCapacityReservation, complete['unused-capacity-reservation']),
  bind(failing.failingJob, complete['failing-job']),
  bind(overrunning.overrunningJob, complete['overrunning-job']),
  bind(notebook.idleNotebook, complete['idle-notebook']),
  bind(shutdown.noIdleShutdown, complete['no-idle-shutdown']),
  bind(sparse.sparseEndpoint, complete['sparse-endpoint']),
  bind(oversized.oversizedAccelerator, complete['oversized-accelerator']),
  bind(endpoint.idleEndpoint, complete['idle-endpoint']),
  bind(conflict.ownerConflict, complete['owner-conflict']),
  bind(unattributed.unattributedAi, complete['unattributed-ai']),
  bind(unapproved.unapprovedAiService, complete['unapproved-ai-service']),
];

/** Every check, for `bursar checks` and for what may be acted on. */
export const checks: readonly ListedCheck[] = BOUND.map(({ check }) => check);

/**
 * What would have to be so for a finding of this check and verdict to become another, or none, under these settings
 * (left out: the defaults). Nothing for a check that this version does not know.
 */
export function wouldChange(id: string, verdict: Verdict, settings: unknown = {}): readonly string[] {
  return BOUND.find(({ check }) => check.id === id)?.wouldChange(verdict, settings) ?? [];
}

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
    judgements: withPaidAllTheSame(
      on.flatMap(({ check, judge }) => judge(facts, settings[check.id], now)),
      facts.resources,
    ),
    checksRun: on.map(({ check }) => check.id),
  };
}

export { type OwnerOf, type OwnerSettings, ownerAgain, ownerResolver } from './owner.ts';
export { isOfOrganisation, knownOf } from './ownership.ts';
export {
  type RequiredKeys,
  requiredKeys,
  requiredOf,
  type TaggingSummary,
  taggingSummary,
} from './tagging.ts';
export { asksForAiServices } from './unapproved-ai-service.ts';
