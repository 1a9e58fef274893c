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

/** What the tests of a project take on two idle cores: from first to last, and cores kept busy meanwhile. */
interface Takes {
  readonly seconds: number;
  readonly cores: number;
}

/** Measured in November 2026. Every project is here, so that none can be forgotten; the longest begins first. */
const TAKES: Readonly<Record<Project, Takes>> = {
  ministack: { seconds: 330, cores: 0.8 },
  readme: { seconds: 300, cores: 0.5 },
  cfnlint: { seconds: 110, cores: 1 },
  journey: { seconds: 250, cores: 0.8 },
  moto: { seconds: 320, cores: 0.9 },
  long: { seconds: 230, cores: 2 },
  bigquery: { seconds: 200, cores: 0.9 },
  focus: { seconds: 90, cores: 1 },
  pack: { seconds: 180, cores: 0.7 },
  unit: { seconds: 60, cores: 2 },
  trino: { seconds: 90, cores: 1.3 },
  slack: { seconds: 60, cores: 0.7 },
  dynamodb: { seconds: 40, cores: 0.8 },
  gcp: { seconds: 40, cores: 0.8 },
  browser: { seconds: 60, cores: 0.9 },
  pglite: { seconds: 12, cores: 1 },
  postgres: { seconds: 80, cores: 1 },
  vendors: { seconds: 12, cores: 0.7 },
  opensearch: { seconds: 25, cores: 1 },
  milvus: { seconds: 25, cores: 0.8 },
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

/** A job a project; what vitest says is printed when it ends, in one piece. */
export function suites(projects: readonly Project[]): Job<Tally>[] {
  return projects.map((project) => ({
    name: `tests of ${project}`,
    ...TAKES[project],
    run: () => runSuite(project),
  }));
}

async function runSuite(project: Project): Promise<Tally> {
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
      // Its cache is one file, which several processes would write at once.
      '--no-cache',
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
