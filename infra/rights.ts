import type { Config } from '../lib/config/schema.ts';
import type { Permission } from '../lib/platform/permissions.ts';
import { deployedEntries } from '../lib/run/assemble/entries.ts';
import { type DeployedNames, deployedPermissions, type Entry } from '../lib/run/assemble/permissions.ts';

/** How the table names what a deployment names itself. */
const NAMES: DeployedNames = {
  bucket: 'BUCKET',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 'TABLE',
  queueArn: 'QUEUE',
  deadLettersArn: 'DEAD-LETTERS',
};

/**
 * What each function may do under a config, as Markdown: one line a right, with the reason that its adapter
 * declares. `besides`: only what another config does not already grant.
 */
export function rightsTable(config: Config, besides: Config | null = null): string {
  const rows = rowsOf(config);
  const known = new Set(besides === null ? [] : rowsOf(besides));
  return [
    '| function | right | on | why |',
    '| --- | --- | --- | --- |',
    ...rows.filter((line) => !known.has(line)),
  ].join('\n');
}

function rowsOf(config: Config): string[] {
  const permissions = deployedPermissions(config, NAMES);
  return deployedEntries(config).flatMap((entry) => [
    ...new Set(permissions[entry].map((permission) => row(entry, permission))),
  ]);
}

function row(entry: Entry, { cloud, action, resources = ['*'], why }: Permission): string {
  const where = resources.map((resource) => `\`${short(resource)}\``).join(', ');
  const on = cloud === 'aws' ? where : cloud === 'gcp' ? 'Google Cloud' : 'Slack';
  return `| ${entry} | \`${action}\` | ${on} | ${why} |`;
}

/** Without what is the same in every line: the ARN's service is in the right, region and account are the own. */
function short(resource: string): string {
  return resource.replace(/^arn:(?:aws|\*):s3:::/, '').replace(/^arn:(?:aws|\*):dynamodb:\*:\*:table\//, '');
}
