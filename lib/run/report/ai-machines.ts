import { instanceSeconds, type Run, runOf } from '../../checks/jobs.ts';
import type { AiPanel } from '../../digest/detail-model.ts';
import type { Snapshot, VectorIndex } from '../../estate/model.ts';
import type { GpuReport } from '../units/gpu.ts';

const DAY = 86_400_000;
/** A look that is older says nothing of now. */
const OLDEST_DAYS = 14;
/** Runs that are told: as the check of failing jobs has it. */
const JOB_DAYS = 30;

/** Columns that are told of all machines and of each. */
const HOURS = [
  { id: 'paid_hours', label: 'Paid hours', kind: 'number' },
  { id: 'used_hours', label: 'Used at most', kind: 'number' },
  { id: 'idle_hours', label: 'Idle', kind: 'number' },
  { id: 'unobserved_hours', label: 'Not observed', kind: 'number' },
  { id: 'currency', label: 'Currency', kind: 'text' },
  { id: 'cost', label: 'Cost', kind: 'money' },
  { id: 'cost_per_used_hour', label: 'Cost of a used hour, at least', kind: 'rate' },
] as const;
/** The cells of those columns. */
const told = (each: GpuReport['totals'][number] | GpuReport['machines'][number]) => [
  each.paid,
  each.used,
  each.idle,
  each.unobserved,
  each.currency,
  each.cost,
  each.perUsedHour,
];

/** Hours of accelerators that were paid, used, idle, and seen by nobody. */
export function gpuPanel({ window, totals, machines, leftOut, why, busyPercent }: GpuReport): AiPanel {
  const span = window === null ? '' : `, ${window.start} to ${window.end} (the last not included)`;
  const source = 'bursar units: machine-hours of the bills, and telemetry of the newest look at each account';
  return {
    id: 'ai-gpu',
    title: 'Hours of GPUs: used, idle, not observed',
    tables:
      totals.length === 0
        ? []
        : [
            {
              id: 'gpu-hours',
              caption: `Device-hours on the bill${span}`,
              columns: [{ id: 'machines', label: 'Machines', kind: 'number' }, ...HOURS],
              rows: totals.map((each) => [String(each.machines), ...told(each)]),
              source,
            },
            {
              id: 'gpu-machines',
              caption: 'By machine, the most money that nobody observes first',
              columns: [
                { id: 'machine', label: 'Machine', kind: 'text' },
                { id: 'devices', label: 'Devices', kind: 'number' },
                ...HOURS,
              ],
              rows: machines.map((each) => [
                each.name ?? each.resourceId,
                String(each.devices),
                ...told(each),
              ]),
              source,
            },
          ],
    notes: [
      ...(totals.length === 0
        ? []
        : [`An hour counts as used where a device reached ${busyPercent}% in it.`]),
      ...(leftOut.length === 0
        ? []
        : [
            `${leftOut.length === 1 ? '1 machine is' : `${leftOut.length} machines are`} left out, and why: bursar units --format json.`,
          ]),
      ...(why === null ? [] : [why]),
    ],
    connect:
      totals.length > 0
        ? null
        : {
            what: 'Accelerators are seen in accounts that are looked at, and measured where an agent reports them:',
            config: 'estate:\n  aws: { accounts: own, regions: enabled }',
          },
  };
}

/** How runs of jobs ended in the last 30 days, by kind of job. */
export function jobsPanel(looks: readonly Snapshot[], now: string): AiPanel {
  const runs = recent(looks, now)
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => runOf(resource) ?? [])
    .filter(({ created }) => created !== null && created >= Date.parse(now) - JOB_DAYS * DAY);
  const kinds = [...Map.groupBy(runs, ({ resource }) => resource.type)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    id: 'ai-jobs',
    title: 'Jobs that failed',
    tables:
      runs.length === 0
        ? []
        : [
            {
              id: 'ai-jobs',
              caption: `Runs of jobs that were made in the last ${JOB_DAYS} days, by how they stand`,
              columns: [
                { id: 'kind', label: 'Kind of job', kind: 'text' },
                { id: 'runs', label: 'Runs', kind: 'number' },
                { id: 'succeeded', label: 'Succeeded', kind: 'number' },
                { id: 'failed', label: 'Failed', kind: 'number' },
                { id: 'timed_out', label: 'Ran into their limit', kind: 'number' },
                { id: 'stopped', label: 'Stopped', kind: 'number' },
                { id: 'unfinished', label: 'Not finished', kind: 'number' },
                { id: 'failed_hours', label: 'Instance-hours that failed', kind: 'number' },
              ],
              rows: kinds.map(([kind, own]) => jobRow(kind, own)),
              source: 'the newest look at each account: runs of SageMaker, Batch and Vertex AI',
            },
          ],
    notes: [],
    connect:
      runs.length > 0
        ? null
        : {
            what: 'No run of a job was seen. Jobs are read in the accounts that are looked at:',
            config: 'estate:\n  aws: { accounts: own, regions: enabled }',
          },
  };
}

function jobRow(kind: string, runs: readonly Run[]): string[] {
  const count = (...outcomes: readonly Run['outcome'][]) =>
    String(runs.filter(({ outcome }) => outcomes.includes(outcome)).length);
  const seconds = runs
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'timed-out')
    .reduce((sum, run) => sum + (instanceSeconds(run) ?? 0), 0);
  return [
    kind,
    String(runs.length),
    count('succeeded'),
    count('failed'),
    count('timed-out'),
    count('stopped'),
    count('waiting', 'running'),
    (seconds / 3600).toFixed(1),
  ];
}

/** Vector indexes: how large they are, and how often they are asked. */
export function vectorsPanel(looks: readonly Snapshot[]): AiPanel {
  const indexes = looks
    .flatMap(({ vectorIndexes, takenAt }) => vectorIndexes.map((index) => ({ index, takenAt })))
    .toSorted((a, b) => (b.index.bytes ?? -1) - (a.index.bytes ?? -1) || (a.index.id < b.index.id ? -1 : 1));
  return {
    id: 'ai-vectors',
    title: 'Vector stores: size and queries',
    tables:
      indexes.length === 0
        ? []
        : [
            {
              id: 'vector-indexes',
              caption: 'Vector indexes as they were last seen, the largest first',
              columns: [
                { id: 'store', label: 'Store', kind: 'text' },
                { id: 'index', label: 'Index', kind: 'text' },
                { id: 'model', label: 'Model', kind: 'text' },
                { id: 'vectors', label: 'Vectors', kind: 'number' },
                { id: 'mebibytes', label: 'MiB', kind: 'number' },
                { id: 'queries', label: 'Queries', kind: 'number' },
                { id: 'queries_of', label: 'Counted', kind: 'text' },
                { id: 'seen', label: 'Seen', kind: 'instant' },
              ],
              rows: indexes.map(({ index, takenAt }) => vectorRow(index, takenAt)),
              source: 'the newest look at each store: its own counters',
            },
          ],
    notes: indexes.some(({ index }) => index.queries === null && index.measured === null)
      ? ['Where no number of queries stands, the store counts none: that is no zero.']
      : [],
    connect:
      indexes.length > 0
        ? null
        : {
            what: 'No vector store is connected:',
            config: 'estate:\n  stores:\n    docs: { type: pgvector, url: { env: DOCS_URL } }',
          },
  };
}

function vectorRow(index: VectorIndex, takenAt: string): (string | null)[] {
  const { queries, measured, statsSince } = index;
  return [
    `${index.store} (${index.storeType})`,
    [index.table, index.index].filter((part) => part !== '').join(' / '),
    index.model,
    index.vectors === null ? null : String(index.vectors),
    index.bytes === null ? null : (index.bytes / 1_048_576).toFixed(2),
    queries !== null ? String(queries) : measured !== null ? String(measured.queries) : null,
    queries !== null
      ? `since ${statsSince?.slice(0, 10) ?? 'its counter began'}`
      : measured !== null
        ? `${measured.start.slice(0, 10)} to ${measured.end.slice(0, 10)}${measured.received < measured.expected ? ', with gaps' : ''}`
        : null,
    takenAt,
  ];
}

function recent(looks: readonly Snapshot[], now: string): Snapshot[] {
  return looks.filter(({ takenAt }) => Date.parse(now) - Date.parse(takenAt) <= OLDEST_DAYS * DAY);
}
