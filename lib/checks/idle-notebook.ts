/**
 * idle-notebook: machines for interactive work that nobody works on, with or without accelerators.
 *
 * What it means: SUSPECTED is said of a Studio app that runs and in which, as SageMaker itself tells, nobody was
 * active within the window, and of a Workbench instance of Vertex AI whose processor did next to nothing in it. It is
 * never IDLE: a kernel that computes while nobody looks is not told. UNOBSERVED is
 * said of a notebook instance, or of an app of which only health checks are known, that has run for longer than the
 * window: nothing measures it.
 *
 * What it leaves out: apps that run on no machine of the user's; machines with accelerators of which nothing is
 * known (`idle-gpu` tells them); machines that began within the window; a scope that was not read whole, or lately.
 *
 * What it cannot see: what runs in a kernel or a terminal, and what is lost with the memory of a machine. The
 * activity time equals the time of the health check where a health check set it: such a time is no activity.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf } from '../estate/model.ts';
import { textOf, timeOf } from './attributes.ts';
import { duration, durationMs } from './duration.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence, Verdict } from './model.ts';
import { quietWorkbench, WORKBENCH_DATASETS } from './quiet-workbench.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  window: duration.default('3d').describe('how long nobody may have been active'),
  cpuBelow: z
    .number()
    .gt(0)
    .max(100)
    .default(5)
    .describe('use of the processor, in percent, from which a Workbench instance counts as at work'),
});
export type IdleNotebookSettings = z.output<typeof settings>;

export const idleNotebook: Check<IdleNotebookSettings> = {
  id: 'idle-notebook',
  title: 'Notebooks that nobody works in',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.sagemaker.apps', 'aws.sagemaker.notebooks', ...WORKBENCH_DATASETS],
  verdicts: { SUSPECTED: { actionable: false }, UNOBSERVED: { actionable: false } },
  judge(facts, limits, now) {
    const { window } = limits;
    const scopes = new Scopes(facts.coverage);
    const atAmazon = facts.resources.flatMap((machine) => {
      if (!RUNS.has(machine.type) || machine.state !== 'InService' || machine.sku === null) return [];
      const asOf = scopes.lately(scopeName(machine), now);
      if (asOf === null || !scopes.complete(scopeOf(machine))) return [];
      const found = verdictOf(machine, asOf - durationMs(window), asOf);
      return found === null
        ? []
        : [
            judgementOf(facts, machine, {
              check: 'idle-notebook',
              ...found,
              saves: null,
              blindSpots: [
                'Whether a kernel computes is not seen: what it holds in memory is lost when it stops.',
                'What its volume costs goes on when it stops.',
              ],
              scopes: [scopeOf(machine)],
            }),
          ];
    });
    return [...atAmazon, ...quietWorkbench(facts, limits, scopes, now)];
  },
  wouldChange(verdict, { window, cpuBelow }) {
    return verdict === 'SUSPECTED'
      ? [
          `Activity of its user within ${window}, or a processor (Workbench) at ${cpuBelow}% or more: no finding.`,
        ]
      : ['A time of activity that no health check set: no finding, or SUSPECTED where it is long ago.'];
  },
};

const RUNS: ReadonlySet<string> = new Set(['aws:sagemaker:app', 'aws:sagemaker:notebook-instance']);

interface Found {
  readonly verdict: Extract<Verdict, 'SUSPECTED' | 'UNOBSERVED'>;
  readonly confidence: 'medium' | 'high';
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Null where somebody was active since `since`, or it has not run for so long. */
function verdictOf(machine: Resource, since: number, asOf: number): Found | null {
  const began = Date.parse(machine.created ?? '');
  if (!(began <= since)) return null;
  const app = machine.type === 'aws:sagemaker:app';
  const active = timeOf(machine, 'lastActivity');
  const source = app ? 'sagemaker:DescribeApp' : 'sagemaker:ListNotebookInstances';
  const evidence: Evidence[] = [
    { name: 'running since', value: machine.created ?? '', unit: machine.sku ?? '', window: '', source },
  ];
  const health = textOf(machine, 'lastHealthCheck');
  if (active !== null) {
    const told = { window: '', source };
    return active > since
      ? null
      : {
          verdict: 'SUSPECTED',
          confidence: 'medium',
          reason: `Nobody was active in it for ${days(asOf - active)} days.`,
          evidence: [
            ...evidence,
            { name: 'last activity of its user', value: new Date(active).toISOString(), unit: '', ...told },
            ...(health === null ? [] : [{ name: 'last health check', value: health, unit: '', ...told }]),
          ],
        };
  }
  // What has accelerators, or may have, is told by idle-gpu.
  if (machine.accelerators.length > 0 || machine.attributes['acceleratorsUnknown'] === true) return null;
  return {
    verdict: 'UNOBSERVED',
    confidence: 'high',
    reason: app
      ? `It has run for ${days(asOf - began)} days, and only health checks are known of it: turn on idle shutdown.`
      : `It has run for ${days(asOf - began)} days, and notebook instances tell of no activity: ask the owner, or move the work to Studio with idle shutdown.`,
    evidence,
  };
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000);
}
