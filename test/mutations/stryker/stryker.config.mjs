import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenPart } from './parts.ts';

const { name, mutate } = chosenPart(process.env['BURSAR_MUTATE']);
const CACHE = 'node_modules/.cache/bursar-stryker';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  packageManager: 'npm',
  plugins: ['./test/mutations/stryker/runner.ts'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  mutate: [...mutate],
  // Its preprocessor of tsconfig.json needs the programming interface that TypeScript 7 has not; vite needs none.
  ignorePatterns: ['bursar-demo', 'dist', 'cdk.out', '.bursar', 'infra', 'functions', 'tsconfig.json'],
  // Outside every node_modules, since what lies in one is not transformed by vite.
  tempDirName: join(tmpdir(), 'bursar-stryker'),
  incremental: true,
  incrementalFile: `${CACHE}/${name}.incremental.json`,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `${CACHE}/${name}.json` },
  concurrency: 2,
  timeoutMS: 20_000,
  timeoutFactor: 2,
  // The table and the limit are those of main.ts, over all parts together.
  thresholds: { high: 95, low: 90, break: null },
  warnings: { slow: false },
};
