import { isAbsolute, resolve } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { STSClient } from '@aws-sdk/client-sts';
import type { Config, DailyNumberConfig } from '../../config/schema.ts';
import type { Lake } from '../../lake/model.ts';
import { assumedRole } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import { s3Address } from '../../sources/focus-file/fetch-s3.ts';
import { cloudWatchMetric } from '../../sources/metrics/cloudwatch.ts';
import { csvFile, csvObject } from '../../sources/metrics/csv-file.ts';
import type { MetricSource } from '../../sources/metrics/model.ts';
import { queryMetric } from '../units/metric.ts';
import { SIDES, type Side, type UnitSettings } from '../units/read.ts';
import { awsBase, roleOf, s3Client } from './aws-base.ts';

/** The units of the config with where their numbers come from; nothing is read yet. Paths are relative to `cwd`. */
export function unitsOf(
  { units }: Pick<Config, 'units'>,
  lake: Pick<Lake, 'query'>,
  sources: readonly string[] | null,
  cwd: string,
): UnitSettings[] {
  return units.map(({ name, per, spend, owner, metric, ...more }) => {
    const sourceOf = (config: DailyNumberConfig, what: string) =>
      metricOf(config, `units ${name} ${what}`, lake, sources, cwd);
    const sides = SIDES.flatMap((side): [Side, MetricSource][] => {
      const given = more[side];
      return given === undefined ? [] : [[side, sourceOf(given, side)]];
    });
    return { name, per, spend, owner, metric: sourceOf(metric, 'metric'), sides: Object.fromEntries(sides) };
  });
}

function metricOf(
  config: DailyNumberConfig,
  where: string,
  lake: Pick<Lake, 'query'>,
  sources: readonly string[] | null,
  cwd: string,
): MetricSource {
  switch (config.type) {
    case 'csv':
      return csv(config, cwd);
    case 'query':
      return queryMetric(lake, config.sql, where, sources);
    case 'cloudwatch':
      return cloudWatch(config);
  }
}

function csv(
  { path, date, column, region, endpoint }: DailyNumberConfig & { type: 'csv' },
  cwd: string,
): MetricSource {
  const columns = { shownAs: path, date, column };
  const address = s3Address(path);
  if (address === null) return csvFile(isAbsolute(path) ? path : resolve(cwd, path), columns);
  const { bucket, prefix: key } = address;
  if (key === '')
    throw new BursarError('config', 'a bucket without a key is no file', {
      where: path,
      hint: 'Write s3://bucket/path/file.csv.',
    });
  return csvObject(s3Client(region, endpoint), { bucket, key }, columns);
}

function cloudWatch(config: DailyNumberConfig & { type: 'cloudwatch' }): MetricSource {
  const { region, endpoint } = config;
  const base = { ...awsBase(endpoint), region };
  const role = roleOf(config.roleArn);
  const credentials =
    role === null ? {} : { credentials: assumedRole(new STSClient(base), role, new Meter()) };
  return cloudWatchMetric(new CloudWatchClient({ ...base, ...credentials }), config);
}
