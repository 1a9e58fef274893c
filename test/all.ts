import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { checks } from './runner/checks.ts';
import { installAll } from './runner/installs.ts';
import { plan } from './runner/plan.ts';
import { type Job, runJobs } from './runner/schedule.ts';
import { add, closing, exitCode, NOTHING, type Tally } from './runner/tally.ts';
import { suites } from './runner/vitest.ts';

const MACHINE = {
  // More than there are: what waits for a server, for npm or for a schedule leaves its share, and none should lie idle.
  cores: availableParallelism() * 1.6,
  // The rest is the system's, and the pages of files that all of them read.
  megabytes: (totalmem() / 2 ** 20) * 0.85,
};

// `npm test`: whatever the tests need, then the checks of the house and every test, as many at once as the machine
// has cores for. The last line is the sum.
const isCi = process.env['CI'] === 'true';
const tellTime = stopwatch();

const projects = await plan();
const installed = await installAll(projects);
// What one process compiled is not compiled again by the next (nodejs.org, module.enableCompileCache).
const made = await mkdtemp(join(tmpdir(), 'bursar-compiled-'));
process.env['NODE_COMPILE_CACHE'] ??= join(made, 'compiled');
const jobs = [...checks(), ...suites(installed.ready, join(made, 'transformed'))].map(announced);
let ran: Tally;
try {
  ran = (await runJobs(jobs, MACHINE)).reduce(add, NOTHING);
} finally {
  await rm(made, { recursive: true, force: true });
}
const total: Tally = {
  passed: ran.passed,
  failed: ran.failed + installed.failures.length,
  skipped: ran.skipped + installed.missing.reduce((sum, { files }) => sum + files, 0),
  reasons: [...installed.missing.map(({ why }) => why), ...ran.reasons],
  failures: [...installed.failures, ...ran.failures],
};
for (const line of closing(total, { isCi, took: tellTime() })) process.stdout.write(`${line}\n`);
process.exitCode = exitCode(total, isCi);

function stopwatch(): () => string {
  const started = performance.now();
  return () => `${Math.round((performance.now() - started) / 1000)} s`;
}

/** What a job says comes when it ends: until then a person sees what is being waited for. */
function announced(job: Job<Tally>): Job<Tally> {
  const run = async () => {
    const tellJobTime = stopwatch();
    process.stdout.write(`▶ ${job.name}\n`);
    const tally = await job.run();
    process.stdout.write(`${tally.failed === 0 ? '✓' : '✗'} ${job.name}, ${tellJobTime()}\n`);
    return tally;
  };
  return { ...job, run };
}
