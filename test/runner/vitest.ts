import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Project } from './plan.ts';
import { told } from './process.ts';
import type { Job } from './schedule.ts';
import { add, NOTHING, type Tally } from './tally.ts';

const VITEST = join(import.meta.dirname, '..', '..', 'node_modules', 'vitest', 'vitest.mjs');

/**
 * What the tests of a project take on two idle cores: from first to last, and cores kept busy meanwhile. What waits for
 * schedules of a minute or for npm keeps few.
 */
interface Takes {
  readonly seconds: number;
  readonly cores: number;
}

/**
 * Reckoned from the processor's seconds of a whole run in November 2026, in which they disturbed each other. Every project
 * is here, so that none can be forgotten; the longest begins first.
 */
const TAKES: Readonly<Record<Project, Takes>> = {
  ministack: { seconds: 160, cores: 0.55 },
  // In CI's runs, which unpack all packages once more, 180 s.
  readme: { seconds: 110, cores: 0.5 },
  cfnlint: { seconds: 45, cores: 1 },
  journey: { seconds: 200, cores: 0.7 },
  moto: { seconds: 170, cores: 0.85 },
  long: { seconds: 230, cores: 2 },
  bigquery: { seconds: 200, cores: 0.9 },
  focus: { seconds: 75, cores: 0.9 },
  pack: { seconds: 95, cores: 0.9 },
  unit: { seconds: 50, cores: 1.9 },
  trino: { seconds: 120, cores: 1.4 },
  slack: { seconds: 50, cores: 0.7 },
  dynamodb: { seconds: 30, cores: 0.8 },
  gcp: { seconds: 20, cores: 0.8 },
  browser: { seconds: 75, cores: 0.9 },
  pglite: { seconds: 12, cores: 1 },
  postgres: { seconds: 35, cores: 0.85 },
  vendors: { seconds: 20, cores: 0.9 },
  opensearch: { seconds: 55, cores: 1.25 },
  milvus: { seconds: 25, cores: 0.8 },
};

/**
 * The most memory that the tests of a project hold, with their servers and all that they start: proportional shares,
 * rounded up, of runs in November 2026; of the smaller ones a guess that is rather too high.
 */
const MEGABYTES: Readonly<Record<Project, number>> = {
  ministack: 3_800,
  readme: 3_000,
  cfnlint: 2_000,
  journey: 2_400,
  moto: 2_300,
  long: 2_000,
  bigquery: 7_300,
  focus: 1_500,
  pack: 2_000,
  unit: 2_000,
  trino: 2_000,
  slack: 1_100,
  dynamodb: 1_000,
  gcp: 800,
  browser: 1_600,
  pglite: 1_400,
  postgres: 600,
  vendors: 800,
  opensearch: 1_400,
  milvus: 1_000,
};

const NEEDS_NO_SERVER: ReadonlySet<Project> = new Set(['unit', 'long', 'pack']);

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
          failureMessages: z.array(z.string()).optional(),
          status: z.enum(['passed', 'failed', 'skipped', 'pending', 'todo', 'disabled']),
        }),
      ),
    }),
  ),
});

/**
 * A job a project; what vitest says is printed when it ends, in one piece.
 * @param transformed a folder for the sources as vitest makes them runnable: what one project made, the others read
 */
export function suites(projects: readonly Project[], transformed: string): Job<Tally>[] {
  return projects.map((project) => ({
    name: `tests of ${project}`,
    ...TAKES[project],
    megabytes: MEGABYTES[project],
    run: () => runSuite(project, transformed),
  }));
}

async function runSuite(project: Project, transformed: string): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-test-'));
  try {
    const report = join(folder, 'report.json');
    const { code, output } = await told([
      process.execPath,
      VITEST,
      'run',
      '--project',
      project,
      // The files of a counterpart share its server, which some reset: one after the other.
      ...(NEEDS_NO_SERVER.has(project) ? [] : ['--no-file-parallelism']),
      // Its cache of results is one file, which several processes would write at once.
      '--no-cache',
      // That of modules is a file each, named by its text and renamed when whole (vitest 4.1, "experimental.fsModuleCache").
      '--experimental.fsModuleCache',
      `--experimental.fsModuleCachePath=${transformed}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    process.stdout.write(`\n${output.trim()}\n`);
    const read = await readFile(report, 'utf8').catch(() => null);
    const tally = read === null ? NOTHING : tallyOf(JSON.parse(read));
    if (tally.failed > 0 || (code === 0 && tally.passed > 0)) return tally;
    // A set-up that failed, an error outside any test, or no test at all: vitest's own exit code must not be lost.
    const why = `project ${project}: vitest ended with ${code} and ${tally.passed} passed tests`;
    return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, why] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param report vitest's JSON report. A file that fails before its first test counts as one failure. */
export function tallyOf(report: unknown): Tally {
  return Report.parse(report).testResults.reduce<Tally>((sum, file) => {
    const of = (...statuses: string[]) =>
      file.assertionResults.filter(({ status }) => statuses.includes(status));
    const failed = of('failed').map(
      ({ fullName, failureMessages = [] }) => `${file.name}: ${fullName}${whyOf(failureMessages)}`,
    );
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

/** Lines of a failure that are told again where it is counted, since often only the end of a long log is kept. */
const FIRST_LINES = 4;
const LAST_LINES = 16;

/** What the assertions said, without colours and without the stack: its head, and its end, where programs say why. */
function whyOf(messages: readonly string[]): string {
  const lines = messages
    .flatMap((message) => stripVTControlCharacters(message).split('\n'))
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const kept =
    lines.length > FIRST_LINES + LAST_LINES
      ? [...lines.slice(0, FIRST_LINES), '…', ...lines.slice(-LAST_LINES)]
      : lines;
  return kept.map((line) => `\n    ${line}`).join('');
}
