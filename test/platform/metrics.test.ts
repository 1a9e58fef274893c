import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { METRICS } from '../../lib/platform/metrics.ts';

/** Amazon CloudWatch User Guide, "Specification: Embedded metric format", as far as it says what must be. */
const Embedded = z
  .object({
    _aws: z.object({
      Timestamp: z.int(),
      CloudWatchMetrics: z.tuple([
        z.object({
          Namespace: z.literal('Bursar'),
          Dimensions: z.array(z.array(z.string()).max(30)),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.literal('Count') })).max(100),
        }),
      ]),
    }),
  })
  .loose();

/** What the function writes to its log: the metrics go to the real standard output. */
function logged(script: string): unknown[] {
  const module = join(import.meta.dirname, '../../lib/platform/metrics.ts');
  const ran = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { embeddedMetrics } from '${module}'; ${script}`],
    { encoding: 'utf8' },
  );
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

test('counts of a run are one line with the dimensions stack and function, and no other; what did not happen is no line', () => {
  const [line, next, ...more] = logged(
    "const count = embeddedMetrics('Second', 'sweep'); count({ succeeded: 1, stopsFailed: 0, capsReached: 3, digestsLate: 0 }); count({ succeeded: 1 }); count({ stopped: 0 }); count({});",
  );
  const { _aws, ...values } = Embedded.parse(line);
  const [{ Dimensions, Metrics }] = _aws.CloudWatchMetrics;
  expect(Dimensions).toEqual([['stack', 'function']]);
  expect(Metrics.map(({ Name }) => Name)).toEqual(['Succeeded', 'CapsReached', 'DigestsLate']);
  expect(values).toEqual({
    stack: 'Second',
    function: 'sweep',
    Succeeded: 1,
    CapsReached: 3,
    DigestsLate: 0,
  });
  // A warm function counts its next run anew.
  const { _aws: _, ...second } = Embedded.parse(next);
  expect(second).toEqual({ stack: 'Second', function: 'sweep', Succeeded: 1 });
  expect(more).toEqual([]);
});

test('no two metrics have one name, and all fit into one line', () => {
  const names = Object.values(METRICS);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeLessThanOrEqual(100);
});
