import { tellAlerts, watch } from './alerts.ts';
import type { Sweep } from './context.ts';
import type { SweepParts, SweepReport } from './model.ts';

/** The part of a sweep that cannot wait for the next one: is AI usage running away? Whoever is to know is told. */
export async function watchSweep(parts: SweepParts): Promise<SweepReport> {
  const run: Sweep = { parts, mode: 'warn', lines: [], faults: [], redraw: new Set(), pages: [] };
  const now = parts.clock();
  parts.progress.step('watching AI usage');
  await watch(run);
  await tellAlerts(run);
  return {
    schemaVersion: 1,
    runId: parts.runId,
    now: now.toISOString(),
    mode: run.mode,
    lines: run.lines,
    faults: run.faults,
  };
}
