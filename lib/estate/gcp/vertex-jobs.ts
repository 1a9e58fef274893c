import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Resource } from '../model.ts';
import { integer, labels, lastPart, locationOf, ownName, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { acceleratorsOf, everyRegion, machineSpec, together, VERTEX, VERTEX_LOCATIONS } from './vertex.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'aiplatform.customJobs.list',
  why: 'lists training jobs with their machines, times and how they ended',
};
/**
 * Jobs that were made longer ago and have ended are not asked for: twice the window of costs, since one that ended in it
 * may have run for weeks, and no filter knows when a job ended (aiplatform v1, customJobs.list).
 */
const DAYS = 60;
/** States of a job that has not ended (aiplatform v1, CustomJob.state). */
const UNFINISHED = [
  'JOB_STATE_QUEUED',
  'JOB_STATE_PENDING',
  'JOB_STATE_RUNNING',
  'JOB_STATE_CANCELLING',
  'JOB_STATE_PAUSED',
  'JOB_STATE_UPDATING',
];

/** What is read of a job (aiplatform v1, schemas CustomJob, CustomJobSpec, WorkerPoolSpec). */
const job = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  state: z.string().optional(),
  createTime: z.string().optional(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  error: z.object({ code: z.number().optional(), message: z.string().optional() }).optional(),
  labels,
  jobSpec: z
    .object({
      persistentResourceId: z.string().optional(),
      workerPoolSpecs: z
        .array(z.object({ machineSpec: machineSpec.optional(), replicaCount: z.string().optional() }))
        .optional(),
      scheduling: z.object({ timeout: z.string().optional(), strategy: z.string().optional() }).optional(),
    })
    .optional(),
});

/**
 * Custom training jobs of Vertex AI: every one that has not ended, and those made within the last 60 days, with all
 * their workers' accelerators, when they waited, ran and ended, and how. A training pipeline and each trial of a
 * tuning job run as custom jobs of their own.
 *
 * A job on a persistent resource runs on machines of that, which is billed by itself: it has none of its own.
 *
 * It does not see: AutoML, whose machines Vertex AI hides.
 */
export const gcpVertexJobs: Dataset<GcpSession> = {
  id: 'gcp.aiplatform.custom-jobs',
  permissions: [VERTEX_LOCATIONS, LIST],
  async collect(scope, session, now, _earlier, meter) {
    const since = new Date(now.getTime() - DAYS * 86_400_000).toISOString();
    const { found, missing } = await everyRegion(session, meter, 'customJobs', job, LIST, {
      filter: [`create_time>"${since}"`, ...UNFINISHED.map((state) => `state="${state}"`)].join(' OR '),
    });
    const resources = found.map((one) => toResource(session, one));
    return whole({ resources }, missing, 'Vertex training jobs', scope);
  },
};

function toResource(session: GcpSession, item: z.output<typeof job>): Resource {
  const pools = item.jobSpec?.workerPoolSpecs ?? [];
  const machines = pools.map(({ replicaCount }) => integer(replicaCount) ?? 1);
  const cluster = item.jobSpec?.persistentResourceId ?? '';
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:aiplatform:custom-job',
    id: ownName(session, VERTEX, item.name),
    name: item.displayName ?? null,
    state: item.state ?? 'unknown',
    created: utc(item.createTime),
    tags: item.labels ?? {},
    sku: pools[0]?.machineSpec?.machineType ?? null,
    accelerators:
      cluster === ''
        ? together(pools.flatMap(({ machineSpec: spec }, at) => acceleratorsOf(spec, machines[at] ?? 1)))
        : [],
    parent: cluster === '' ? null : { type: 'gcp:aiplatform:persistent-resource', id: lastPart(cluster) },
    attributes: {
      jobId: lastPart(item.name),
      startedAt: utc(item.startTime),
      endedAt: utc(item.endTime),
      machines: machines.reduce((sum, count) => sum + count, 0),
      // Seconds that it may run at most: "The default is 7 days" (Scheduling.timeout).
      timeoutSeconds: seconds(item.jobSpec?.scheduling?.timeout) ?? 604_800,
      strategy: item.jobSpec?.scheduling?.strategy ?? null,
      errorCode: item.error?.code ?? null,
      error: item.error?.message?.slice(0, 300) ?? null,
    },
  };
}

/** A duration as Google's JSON writes it (`3600s`, `3.5s`), in seconds; null where it is none. */
function seconds(duration: string | undefined): number | null {
  const found = /^(\d+(?:\.\d+)?)s$/.exec(duration ?? '')?.[1];
  return found === undefined ? null : Number(found);
}
