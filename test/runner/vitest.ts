import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Project } from './plan.ts';
import { add, NOTHING, type Tally } from './tally.ts';

/**
 * What runs at once. Two cores and a few GB: the unit tests alone, then the light counterparts together, then
 * those that start several servers or a deployment of their own.
 */
export const ROUNDS: readonly (readonly Project[])[] = [
  ['unit'],
  ['long'],
  ['slack', 'gcp', 'pglite', 'dynamodb', 'moto', 'vendors'],
  ['focus', 'browser', 'journey'],
  ['ministack'],
  ['trino'],
  ['bigquery'],
];

/** The parts of vitest's JSON report that are added up. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']),
        }),
      ),
    }),
  ),
});

/** Runs all tests of these projects, streaming what vitest says, and adds up its reports. */
export async function runSuites(projects: readonly Project[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-test-'));
  try {
    let total = NOTHING;
    for (const [index, round] of ROUNDS.entries()) {
      const chosen = round.filter((project) => projects.includes(project));
      if (chosen.length > 0) total = add(total, await runRound(chosen, join(folder, `${index}.json`)));
    }
    return total;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runRound(projects: readonly Project[], report: string): Promise<Tally> {
  // The files of a counterpart share its server, which they reset: one after the other.
  const serially = projects.includes('unit') || projects.includes('long') ? [] : ['--no-file-parallelism'];
  const code = await vitest([
    'run',
    ...serially,
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const read = await readFile(report, 'utf8').catch(() => null);
  const tally = read === null ? NOTHING : tallyOf(JSON.parse(read));
  if (code === 0 && tally.passed > 0) return tally;
  if (tally.failed > 0) return tally;
  // A set-up that failed, an error outside any test, or no test at all: vitest's own exit code must not be lost.
  const why = `projects ${projects.join(', ')}: vitest ended with ${code} and ${tally.passed} passed tests`;
  return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, why] };
}

/** @param report vitest's JSON report. A file that fails before its first test counts as one failure. */
export function tallyOf(report: unknown): Tally {
  return Report.parse(report).testResults.reduce<Tally>((sum, file) => {
    const of = (...statuses: string[]) =>
      file.assertionResults.filter(({ status }) => statuses.includes(status));
    const failed = of('failed').map(({ fullName }) => `${file.name}: ${fullName}`);
    if (file.status === 'failed' && failed.length === 0) {
      failed.push(`${file.name}: ${(file.message ?? 'it did not load').split('\n')[0]}`);
    }
    const skipped = of('skipped', 'pending', 'todo', 'disabled');
    return add(sum, {
      passed: of('passed').length,
      failed: failed.length,
      skipped: skipped.length,
      reasons: skipped.map(({ fullName }) => fullName.trim()),
      failures: failed,
    });
  }, NOTHING);
}

function vitest(args: readonly string[]): Promise<number | null> {
  const bin = join(import.meta.dirname, '..', '..', 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', resolve);
  });
}
