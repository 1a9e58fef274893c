import { checks, runChecks } from './runner/checks.ts';
import { installAll } from './runner/installs.ts';
import { plan } from './runner/plan.ts';
import { closing, exitCode, type Tally } from './runner/tally.ts';
import { runSuites } from './runner/vitest.ts';

// `npm test`: the checks of the house, then whatever the tests need, then every test. The last line is the sum.
const isCi = process.env['CI'] === 'true';
const tellTime = stopwatch();

const checked = await runChecks(checks);
const projects = await plan();
const installed = await installAll(projects);
const suites = await runSuites(installed.ready);
// Each rule of safety is weakened by hand, and every weakening must be noticed.
const mutations = await runChecks(['mutate']);
const total: Tally = {
  passed: checked.passed + suites.passed + mutations.passed,
  failed: checked.failed + suites.failed + mutations.failed + installed.failures.length,
  skipped: suites.skipped + installed.missing.reduce((sum, { files }) => sum + files, 0),
  reasons: [...installed.missing.map(({ why }) => why), ...suites.reasons],
  failures: [...checked.failures, ...mutations.failures, ...installed.failures, ...suites.failures],
};
for (const line of closing(total, { isCi, took: tellTime() })) process.stdout.write(`${line}\n`);
process.exitCode = exitCode(total, isCi);

function stopwatch(): () => string {
  const started = performance.now();
  return () => `${Math.round((performance.now() - started) / 1000)} s`;
}
