import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * One project a counterpart: `foo.moto.test.ts` runs in project `moto`, whose global set-up
 * (test/counterparts/moto.ts) installs and starts the server and provides its address. A file with no such
 * word runs in project `unit` and needs nothing but npm packages.
 */
const COUNTERPARTS = [
  'moto',
  'dynamodb',
  'slack',
  'ministack',
  'readme',
  'cfnlint',
  'gcp',
  'pglite',
  'postgres',
  'focus',
  'journey',
  'browser',
  'trino',
  'bigquery',
  'vendors',
  'opensearch',
  'milvus',
] as const;

/**
 * What is imported stays for the next file where there are many: else up to half of the processor's time goes into
 * loading the same modules again. What a test changes of its process it puts back.
 */
const SHARED = { isolate: false } as const;
const MANY_FILES: readonly string[] = [
  'moto',
  'gcp',
  'slack',
  'postgres',
  'cfnlint',
] satisfies (typeof COUNTERPARTS)[number][];

/**
 * The CDK looks at every template by CloudFormation's rules, whose engine takes seconds to start: the tests of the whole
 * stack's templates ask for that, and those of what users do ("Template and Policy Validation", aws-cdk-lib's README).
 */
const SYNTHESIS = { env: { CDK_VALIDATION: 'false' } } as const;

/** Needs no server either, but takes tens of seconds: kept out of `npm run test:unit`. */
const LONG = 'long';
/** Packs, installs and deploys the package, as its users do: minutes, and npm's registry. */
const PACK = 'pack';

export default defineConfig({
  test: {
    // Every core: vitest leaves one idle, which on two of them is half.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...COUNTERPARTS, LONG, PACK].map((name) => `test/**/*.${name}.test.ts`),
          ...SHARED,
          ...SYNTHESIS,
          // No test is timed: this ends only what hangs, on a busy machine too.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: LONG,
          include: [`test/**/*.${LONG}.test.ts`],
          ...SHARED,
          ...SYNTHESIS,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: PACK,
          include: [`test/**/*.${PACK}.test.ts`],
          ...SYNTHESIS,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      ...COUNTERPARTS.map((name) => ({
        test: {
          name,
          include: [`test/**/*.${name}.test.ts`],
          globalSetup: [`test/counterparts/${name}.ts`],
          ...(MANY_FILES.includes(name) ? SHARED : {}),
          ...SYNTHESIS,
          // Files of one project share its server, and some reset it.
          fileParallelism: false,
          // As above: some begin with a whole demo, which takes minutes on a busy machine.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      })),
    ],
  },
});
