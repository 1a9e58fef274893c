import type { ListPrice } from '../focus/prices/model.ts';
import { type Coverage, datasetOf } from '../platform/coverage.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Advice } from './model-advice.ts';
import type { ModelCalls } from './model-calls.ts';
import type { Provider } from './model-provider.ts';
import type { VectorIndex } from './model-vectors.ts';

export type { Advice } from './model-advice.ts';
export type { CallCount, ModelCalls } from './model-calls.ts';
export type { Provider } from './model-provider.ts';
export type {
  MeasuredQueries,
  ModelLifecycle,
  SampleCounts,
  SketchEntry,
  StoreType,
  VectorCapacity,
  VectorGap,
  VectorIndex,
  VectorSample,
  VectorSources,
} from './model-vectors.ts';

/** A GPU, TPU or inference chip kind of a machine, as the provider describes the type. */
export interface Accelerator {
  /** Maker and model in the provider's words: `NVIDIA T4`, `AWS Inferentia2`, `nvidia-tesla-t4`. */
  readonly kind: string;
  /** Devices of this kind; a fraction where the provider sells a part of one (`0.125` of an L4). */
  readonly count: number;
  /** Memory of all these devices together, MiB; null where the provider does not say. */
  readonly memoryMiB: number | null;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One thing that exists, by its provider's own id. */
export interface Resource {
  readonly provider: Provider;
  /** AWS account id, GCP project id, database host. */
  readonly accountId: string;
  /** Region, or zone where the provider places by zone (GCP); `global` where there is none. */
  readonly region: string;
  /** `aws:ec2:instance`, `aws:ec2:volume`, `gcp:compute:instance`, `pgvector:index`. */
  readonly type: string;
  /** Canonical id: ARN, full resource name (`//compute.googleapis.com/projects/p/zones/z/instances/i`). */
  readonly id: string;
  readonly name: string | null;
  /** The provider's own word: `running`, `stopped`, `in-use`, `RUNNING`, `TERMINATED`. */
  readonly state: string;
  /** ISO-8601 UTC; for an instance its last launch. */
  readonly created: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Instance type, machine type, volume type. */
  readonly sku: string | null;
  readonly accelerators: readonly Accelerator[];
  /** What owns it: a scaling group, cluster, endpoint. */
  readonly parent: { readonly type: string; readonly id: string } | null;
  readonly attributes: Readonly<Record<string, Json>>;
  /** The dataset that found it; left out in snapshots of before this was kept. */
  readonly dataset?: string;
}

/** What must be read whole before the absence of a resource counts: its dataset, else its whole scope. */
export function scopeOf(resource: Resource): string {
  const scope = scopeName(resource);
  return resource.dataset === undefined ? scope : datasetOf(scope, resource.dataset);
}

/** Stands between a device and the part of it that a series is of: `0/mig-3`. */
export const MIG_PART = '/mig-';

/** A series of one statistic of one metric of one resource (and one device of it). */
export interface Telemetry {
  readonly resourceId: string;
  /** What is measured, whatever the source calls it. */
  readonly metric:
    | 'gpu-utilization'
    | 'gpu-memory-used'
    | 'gpu-power'
    | 'cpu-utilization'
    | 'network-in'
    | 'network-out'
    | 'requests'
    /** Connections or flows open at once. */
    | 'connections'
    | 'bytes'
    /** Instances of a reservation that something uses. */
    | 'used-capacity';
  readonly statistic: 'maximum' | 'sum' | 'sample-count' | 'average' | 'minimum';
  /** percent | MiB | watt | percent-of-limit | bytes | count | device-percent: 100 for each whole device of a sum */
  readonly unit: string;
  /** Device index or name on the machine, of a part of one with `MIG_PART`; null where it speaks for the whole machine. */
  readonly device: string | null;
  /** A value of the whole machine that no single device of it exceeds, like a sum over them. */
  readonly bounds?: 'every-device';
  /** Its source counts samples, too: a `sample-count` series stands beside it, without which it proves no rest. */
  readonly counted?: true;
  /** Seconds a point stands for. */
  readonly period: number;
  /** Start of each point's period (ISO-8601 UTC) and its value, in order of time. */
  readonly points: readonly { readonly at: string; readonly value: number }[];
  /** How many points a source without gaps would have given for the window. */
  readonly expectedPoints: number;
  /** `CWAgent nvidia_smi_utilization_gpu`, `AWS/EC2 GPUPowerUtilization`. */
  readonly source: string;
}

/** Where a collector looks. */
export interface Scope {
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string;
}

/** The name of a scope in coverage: `aws:111122223333:us-east-1`, `gcp:acme-prod`, `store:docs`. */
export function scopeName(scope: Scope): string {
  if (scope.provider === 'aws') return `aws:${scope.accountId}:${scope.region}`;
  return `${['postgres', 'other'].includes(scope.provider) ? 'store' : scope.provider}:${scope.accountId}`;
}

/** Resources and telemetry of one scope at one time, with what of it failed and why. */
export interface Snapshot {
  readonly schemaVersion: 2;
  readonly scope: Scope;
  /** ISO-8601 UTC. */
  readonly takenAt: string;
  readonly resources: readonly Resource[];
  readonly telemetry: readonly Telemetry[];
  /** Counters of vector indexes, where the scope is a vector store. */
  readonly vectorIndexes: readonly VectorIndex[];
  /** One entry a scope; `partial` where one dataset of it failed, with the dataset named. */
  readonly coverage: readonly Coverage[];
  /** Who made what of it, as far as the audit logs were asked; left out where they were not. */
  readonly creations?: readonly Creation[];
  /** What the provider asks of everyone for these resources, where no bill tells what each of them costs. */
  readonly listPrices?: readonly ListPrice[];
  /** What the provider's own tools recommend; left out where none was asked, or none answered. */
  readonly advice?: readonly Advice[];
  /** Calls of models by whole UTC days before it was taken; left out where they were not read. */
  readonly modelCalls?: readonly ModelCalls[];
  /** Where nothing at all of it was read: every kind of failure by which it was not. Such a snapshot is not kept. */
  readonly blindBy?: readonly ErrorCode[];
}

/** Who made a resource, as the provider's audit log tells. All but `resourceId` null: the log does not say. */
export interface Creation {
  readonly resourceId: string;
  /** The person's address, where the log names one: null for services, root and roles that tell no person. */
  readonly address: string | null;
  /** As the log writes it: `arn:aws:sts::111122223333:assumed-role/Dev/ana@acme.com`. */
  readonly principal: string | null;
  /** The call: `RunInstances`. */
  readonly event: string | null;
  /** ISO-8601 UTC. */
  readonly at: string | null;
}

/** What a dataset found, before it becomes part of a snapshot. */
export interface Collected {
  readonly resources?: readonly Resource[];
  readonly telemetry?: readonly Telemetry[];
  readonly vectorIndexes?: readonly VectorIndex[];
  readonly advice?: readonly Advice[];
  readonly modelCalls?: readonly ModelCalls[];
}

/** What a dataset may find that is for no other dataset to build on. */
export type Apart = Pick<Collected, 'advice' | 'modelCalls'>;

/** What datasets found that another one stands on. */
export type Earlier = Required<Omit<Collected, keyof Apart>>;

/**
 * One kind of thing that can be collected from a scope with a session `S` (the provider's clients and
 * credentials). It throws where it cannot be complete; the caller writes that into coverage.
 */
export interface Dataset<S> {
  /** `aws.ec2.instances` */
  readonly id: string;
  /**
   * Ids of datasets that stand before it and without which it would find nothing: it runs after them, and not at
   * all where one failed.
   */
  readonly needs?: readonly string[];
  readonly permissions: readonly Permission[];
  /** `earlier`: what the datasets that it needs found in the same scope (telemetry needs the instances). */
  collect(scope: Scope, session: S, now: Date, earlier: Earlier, meter: Meter): Promise<Collected>;
}
