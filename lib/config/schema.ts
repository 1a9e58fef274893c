import { z } from 'zod';
import { checkSettings } from '../checks/index.ts';
import { ai, dimensions } from './sections/allocation.ts';
import { alerts, budgets } from './sections/budgets.ts';
import { deploy } from './sections/deploy.ts';
import { digest } from './sections/digest.ts';
import { estate } from './sections/estate.ts';
import { lake } from './sections/lake.ts';
import { organisation } from './sections/organisation.ts';
import { owners } from './sections/owners.ts';
import { guards, policies, severity } from './sections/policies.ts';
import { commitments, conversion } from './sections/rates.ts';
import { slack } from './sections/slack.ts';
import { sources } from './sections/sources.ts';
import { units } from './sections/units.ts';

export const CONFIG_VERSION = 1;

const checks = z.strictObject({
  'idle-gpu': checkSettings['idle-gpu'].prefault({}).describe('GPU machines that nobody uses.'),
  untagged: checkSettings.untagged.prefault({}).describe('Resources and spend without the tags they need.'),
  'tag-policy': checkSettings['tag-policy'].prefault({}).describe('Tags with wrong values or spellings.'),
  'stale-embeddings': checkSettings['stale-embeddings']
    .prefault({})
    .describe('Vectors that nobody asks for, that are orphaned, out of date, copied or made again in vain.'),
  'expired-experiment': checkSettings['expired-experiment']
    .prefault({})
    .describe('Machines whose expiry tag is past.'),
  'unattached-volume': checkSettings['unattached-volume']
    .prefault({})
    .describe('Volumes that are attached to nothing.'),
  'idle-address': checkSettings['idle-address']
    .prefault({})
    .describe('Addresses that are associated with nothing.'),
  'idle-load-balancer': checkSettings['idle-load-balancer']
    .prefault({})
    .describe('Load balancers that serve nobody.'),
  'idle-nat-gateway': checkSettings['idle-nat-gateway']
    .prefault({})
    .describe('NAT gateways that nothing goes through.'),
  'idle-database': checkSettings['idle-database'].prefault({}).describe('Databases that nobody connects to.'),
  'old-snapshot': checkSettings['old-snapshot'].prefault({}).describe('Old snapshots that nothing needs.'),
  'stopped-but-billed': checkSettings['stopped-but-billed']
    .prefault({})
    .describe('Stopped machines whose volumes are billed.'),
  'logs-kept-for-ever': checkSettings['logs-kept-for-ever']
    .prefault({})
    .describe('Log groups whose events never expire.'),
  'incomplete-uploads': checkSettings['incomplete-uploads']
    .prefault({})
    .describe('Uploads to buckets that were never completed.'),
  'no-lifecycle-rule': checkSettings['no-lifecycle-rule']
    .prefault({})
    .describe('Buckets in which nothing expires or moves.'),
  'previous-generation': checkSettings['previous-generation']
    .prefault({})
    .describe('Machines of a former generation.'),
  'idle-provisioned-throughput': checkSettings['idle-provisioned-throughput']
    .prefault({})
    .describe('Provisioned throughput that nobody calls.'),
  'unused-capacity-reservation': checkSettings['unused-capacity-reservation']
    .prefault({})
    .describe('Capacity reservations without instances.'),
  'failing-job': checkSettings['failing-job'].prefault({}).describe('Jobs that fail and are billed.'),
  'overrunning-job': checkSettings['overrunning-job'].prefault({}).describe('Jobs that run too long.'),
  'idle-notebook': checkSettings['idle-notebook'].prefault({}).describe('Notebooks that nobody works in.'),
  'no-idle-shutdown': checkSettings['no-idle-shutdown']
    .prefault({})
    .describe('Studio domains without idle shutdown.'),
  'sparse-endpoint': checkSettings['sparse-endpoint'].prefault({}).describe('Endpoints with few requests.'),
  'oversized-accelerator': checkSettings['oversized-accelerator']
    .prefault({})
    .describe('Machines with more accelerators than are used.'),
  'idle-endpoint': checkSettings['idle-endpoint'].prefault({}).describe('Endpoints that nobody asks.'),
  'owner-conflict': checkSettings['owner-conflict']
    .prefault({})
    .describe('Tags that name another team than the account or the creator does.'),
  'unattributed-ai': checkSettings['unattributed-ai']
    .prefault({})
    .describe('Calls of models that the bill can give to nobody.'),
  'unapproved-ai-service': checkSettings['unapproved-ai-service']
    .prefault({})
    .describe('AI work that is not on the list of what may be used, or is new.'),
});

export const CHECK_IDS: readonly string[] = Object.keys(checks.shape);

/** The config file: one YAML document. Every key but schemaVersion may be left out. */
export const configSchema = z
  .strictObject({
    schemaVersion: z
      .literal(CONFIG_VERSION, { error: `${CONFIG_VERSION}, the version of this format` })
      .describe('Version of this format: 1.'),
    organisation: organisation.prefault({}).describe('Who you are.'),
    sources: sources.default({}).describe('Bills, by a name of your own.'),
    estate: estate.prefault({}).describe('What is looked at.'),
    dimensions: dimensions
      .default({})
      .describe(
        'Columns that spend is allocated to, each by ordered rules; the first that gives a value wins.',
      ),
    ai: ai.prefault({}).describe('Which charges are for AI work.'),
    owners: owners.prefault({}).describe('Who answers for what.'),
    policies: policies.default([]).describe('What may follow from a finding; the first that matches wins.'),
    checks: checks.prefault({}).describe('Settings of the checks.'),
    guards: guards.prefault({}).describe('What no policy overrides.'),
    slack: slack.optional().describe('Where Bursar speaks.'),
    digest: digest.prefault({}).describe('The regular summary.'),
    lake: lake.prefault({}).describe('How bills are asked.'),
    severity: severity
      .default({})
      .describe(
        'Monthly saving (else cost) from which a finding counts as severe, by currency; "*" for all others.',
      ),
    commitments: commitments.prefault({}).describe('What advice on commitments rests on.'),
    conversion: conversion
      .optional()
      .describe('Rates by which sums are converted into one currency, where that is asked for.'),
    budgets: budgets.default([]).describe('Limits to watch.'),
    alerts: alerts.prefault({}).describe('What is told of anomalies and budgets, and to whom.'),
    units: units.default([]).describe('Business numbers to divide cost by.'),
    deploy: deploy.prefault({}).describe('How `cdk deploy` deploys it.'),
  })
  .meta({ title: 'Bursar config' });

/** The config with every default filled in: plain data, which reads back as itself. */
export type Config = z.output<typeof configSchema>;
export type { SourceConfig } from './sections/sources.ts';
export type { DailyNumberConfig } from './sections/units.ts';
export type { DocumentsConfig, ListingConfig, StoreConfig } from './stores.ts';
export type { SecretRef } from './values.ts';

export type PolicyConfig = Config['policies'][number];
export type GuardsConfig = Config['guards'];

/** What holds with no config file at all. */
export function defaultConfig(): Config {
  return configSchema.parse({ schemaVersion: CONFIG_VERSION });
}

/** What is deployed with no config file: the own account and its Cost Explorer, flag only, no Slack. */
export function defaultDeployedConfig(): Config {
  return configSchema.parse({
    schemaVersion: CONFIG_VERSION,
    sources: { 'aws-api': { type: 'aws-cost-explorer' } },
    estate: { aws: {} },
  });
}

/** JSON Schema (draft 2020-12) of the file, for editors: `bursar schema config`. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' });
}
