import { type Resource, scopeName, scopeOf } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { costsOf } from './cost.ts';
import { durationMs, interval } from './duration.ts';
import { byResource, readings } from './gpu-readings.ts';
import { judgementOf, state } from './judgement.ts';
import { machineUnder } from './machine-under.ts';
import type { Facts, Judgement } from './model.ts';
import type { Scopes } from './scopes.ts';

/** Datasets that it rests on: the instances, and how busy their processors were. */
export const WORKBENCH_DATASETS = ['gcp.notebooks.instances', 'gcp.notebooks.telemetry'] as const;
const HOUR = 3_600_000;

/**
 * What `idle-notebook` says of Workbench instances of Vertex AI without accelerators: nothing tells of their users,
 * and so SUSPECTED where the processor, as the hypervisor sees it, stayed below `cpuBelow` percent for the whole
 * window. Never of one that began within the window, nor where more than a tenth of the samples is missing.
 */
export function quietWorkbench(
  facts: Facts,
  { window, cpuBelow }: { readonly window: string; readonly cpuBelow: number },
  scopes: Scopes,
  now: Date,
): Judgement[] {
  const telemetry = byResource(facts.telemetry);
  return facts.resources.flatMap((instance) => {
    if (!isCandidate(instance)) return [];
    const names = [scopeOf(instance), datasetOf(scopeName(instance), WORKBENCH_DATASETS[1])];
    const asOf = scopes.lately(scopeName(instance), now);
    if (asOf === null || !names.every((name) => scopes.complete(name))) return [];
    const end = Math.floor(asOf / HOUR) * HOUR;
    const span = { start: end - durationMs(window), end };
    if (!(Date.parse(instance.created ?? '') <= span.start)) return [];
    const [cpu] = readings(telemetry.get(instance.id) ?? [], 'cpu-utilization', span);
    if (cpu === undefined || cpu.maximum === null || cpu.share < 0.9 || cpu.maximum >= cpuBelow) return [];
    return [
      judgementOf(facts, instance, {
        check: 'idle-notebook',
        verdict: 'SUSPECTED',
        confidence: 'low',
        saves: null,
        cost: costsOf(facts).of(machineUnder(instance) ?? instance.id),
        evidence: [
          state(
            'running since',
            instance.created ?? '',
            'compute.instances.aggregatedList',
            instance.sku ?? '',
          ),
          {
            name: 'highest use of the processor',
            value: String(Math.round(cpu.maximum * 100) / 100),
            unit: '%',
            window: interval(span.start, span.end),
            source: cpu.source,
          },
          {
            name: 'samples of it',
            value: `${cpu.received} of ${cpu.expected}`,
            unit: 'points',
            window: interval(span.start, span.end),
            source: cpu.source,
          },
        ],
        blindSpots: [
          'Nothing tells whether a user is there: what somebody holds in memory is lost when it stops.',
          'What its disks cost goes on when it stops.',
        ],
        reason: `Its processor never passed ${Math.round(cpu.maximum * 100) / 100}% within ${window}.`,
        scopes: names,
      }),
    ];
  });
}

/** At work, and none that `idle-gpu` tells of. */
function isCandidate({ type, state: now, accelerators, attributes }: Resource): boolean {
  // Where its machine was not found nobody knows what it brings along.
  return (
    type === 'gcp:notebooks:instance' &&
    now === 'ACTIVE' &&
    accelerators.length === 0 &&
    attributes['acceleratorDevices'] === 0
  );
}
