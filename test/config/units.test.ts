import { describe, expect, test } from 'vitest';
import { meaningProblems } from '../../lib/config/meaning.ts';
import { configSchema } from '../../lib/config/schema.ts';

const csv = { type: 'csv', path: './orders.csv' };
const parsed = (units: readonly unknown[]) => configSchema.safeParse({ schemaVersion: 1, units });
const problems = (units: readonly unknown[]) => {
  const config = configSchema.parse({ schemaVersion: 1, units, dimensions: { team: [{ tag: 'team' }] } });
  return meaningProblems(config).map(({ message }) => message);
};

describe('units of the config', () => {
  test('a file with a row a day needs no more than its path', () => {
    expect(parsed([{ name: 'shop', metric: csv }]).data?.units).toEqual([
      { name: 'shop', per: 'unit', metric: { ...csv, date: 'date', column: 'value' } },
    ]);
  });

  test.each(['Sum', 'SampleCount', 'p0', 'p50', 'p99', 'p99.9', 'p100'])(
    'a metric a day may be its %s',
    (stat) => {
      const metric = { type: 'cloudwatch', namespace: 'N', metric: 'M', region: 'eu-central-1', stat };
      expect(parsed([{ name: 'shop', metric }]).success).toBe(true);
    },
  );

  test.each(['p101', 'p-1', 'p99.999', 'p1e1', 'sum', 'avg', ''])('and not its %j', (stat) => {
    const metric = { type: 'cloudwatch', namespace: 'N', metric: 'M', region: 'eu-central-1', stat };
    expect(parsed([{ name: 'shop', metric }]).success).toBe(false);
  });

  test('spend is narrowed as a budget is; a name that is not known says what was meant', () => {
    const spend = { team: 'shop', provider: ['aws', 'openai'], aiClass: 'model API', tags: { env: 'prod' } };
    expect(problems([{ name: 'shop', metric: csv, spend }])).toEqual([]);
    expect(problems([{ name: 'shop', metric: csv, spend: { teams: 'shop' } }])).toEqual([
      expect.stringContaining('did you mean team?'),
    ]);
  });

  test('two of one name could not be told apart', () => {
    const unit = { name: 'shop', metric: csv };
    expect(problems([unit, { ...unit, per: 'order' }])).toEqual([
      expect.stringContaining('another unit is called'),
    ]);
  });
});
