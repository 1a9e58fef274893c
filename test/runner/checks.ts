import { told } from './process.ts';
import type { Job } from './schedule.ts';
import { NOTHING, type Tally } from './tally.ts';

/** Scripts of package.json that look at the code without running it, and what each takes. */
const CHECKS = [
  { script: 'check:types', seconds: 10, cores: 1.5, megabytes: 2_000 },
  { script: 'check:lint', seconds: 13, cores: 1.7, megabytes: 2_000 },
  { script: 'check:house', seconds: 3, cores: 1, megabytes: 300 },
  { script: 'check:format', seconds: 3, cores: 1, megabytes: 300 },
  // Each rule of safety is weakened by hand, and every weakening must be noticed.
  { script: 'mutate', seconds: 10, cores: 1.5, megabytes: 700 },
] as const;

/** A job a script, which counts as one test. */
export function checks(): Job<Tally>[] {
  return CHECKS.map(({ script, ...takes }) => ({
    name: script,
    ...takes,
    run: () => runCheck(script),
  }));
}

/** Runs a script of package.json; what it says is shown only where it fails. */
export async function runCheck(script: string): Promise<Tally> {
  const { code, output } = await told(['npm', 'run', '--silent', script]);
  if (code === 0) return { ...NOTHING, passed: 1 };
  process.stdout.write(`\n✗ ${script}\n${output}\n`);
  return { ...NOTHING, failed: 1, failures: [script] };
}
