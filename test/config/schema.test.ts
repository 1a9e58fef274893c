import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checks } from '../../lib/checks/index.ts';
import { configReference, EXAMPLE } from '../../lib/config/reference.ts';
import {
  CHECK_IDS,
  configJsonSchema,
  configSchema,
  defaultConfig,
  defaultDeployedConfig,
} from '../../lib/config/schema.ts';

const example: unknown = parse(EXAMPLE);
const validate = new Ajv2020.default({ strict: true, strictTypes: false }).compile(configJsonSchema());

/** Configs and whether they are right in shape, which both schemas must say alike. */
const CORPUS: readonly [string, unknown, boolean][] = [
  ['the example', example, true],
  ['the least', { schemaVersion: 1 }, true],
  ['the defaults', JSON.parse(JSON.stringify(defaultConfig())), true],
  ['the deployed defaults', JSON.parse(JSON.stringify(defaultDeployedConfig())), true],
  [
    'several paths',
    { schemaVersion: 1, sources: { a: { type: 'focus-file', path: ['x', 's3://b/p'] } } },
    true,
  ],
  ['anthropic', { schemaVersion: 1, sources: { a: { type: 'anthropic', key: { env: 'K' } } } }, true],
  ['thresholds for all', { schemaVersion: 1, severity: { '*': { high: '5' } } }, true],
  [
    'a tag condition',
    { schemaVersion: 1, policies: [{ check: '*', where: { tags: { a: ['b', 'c'] } } }] },
    true,
  ],
  ['no version', {}, false],
  ['another version', { schemaVersion: 2 }, false],
  ['a list', [], false],
  ['an unknown key', { schemaVersion: 1, x: 1 }, false],
  ['an unknown key below', { schemaVersion: 1, guards: { perDay: { counts: 1 } } }, false],
  ['an unknown check', { schemaVersion: 1, checks: { idle: {} } }, false],
  ['an unknown source type', { schemaVersion: 1, sources: { a: { type: 'x' } } }, false],
  ['a source name', { schemaVersion: 1, sources: { 'A b': { type: 'aws-cost-explorer' } } }, false],
  ['a secret as text', { schemaVersion: 1, slack: { token: 'hunter2' } }, false],
  ['a secret with two places', { schemaVersion: 1, slack: { token: { env: 'A', secret: 'B' } } }, false],
  ['an account as a number', { schemaVersion: 1, deploy: { account: 111122223333 } }, false],
  ['an account of 11 digits', { schemaVersion: 1, estate: { aws: { accounts: ['11112222333'] } } }, false],
  ['an amount as a number', { schemaVersion: 1, guards: { perDay: { money: { USD: 5 } } } }, false],
  ['a negative amount', { schemaVersion: 1, guards: { perDay: { money: { USD: '-5' } } } }, false],
  ['a currency in small letters', { schemaVersion: 1, organisation: { currency: 'usd' } }, false],
  ['a rule with two kinds', { schemaVersion: 1, dimensions: { t: [{ tag: 'a', account: {} }] } }, false],
  ['no rules', { schemaVersion: 1, dimensions: { t: [] } }, false],
  ['an architecture', { schemaVersion: 1, deploy: { architecture: 'sparc' } }, false],
  ['a share of one', { schemaVersion: 1, commitments: { discounts: { p: '1.0' } } }, false],
  ['a mode', { schemaVersion: 1, policies: [{ check: '*', mode: 'kill' }] }, false],
];

describe('the config schema', () => {
  it.each(CORPUS)('says of %s the same as the JSON Schema that editors use', (_, config, right) => {
    expect(configSchema.safeParse(config).success).toBe(right);
    expect(validate(config)).toBe(right);
  });

  it('names every check that there is', () => {
    expect(CHECK_IDS).toEqual(checks.map(({ id }) => id));
  });

  it('describes every key, so that editors can tell what it means', () => {
    const bare: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, child] of Object.entries(schema))
        if (key === 'properties')
          for (const [name, property] of Object.entries<unknown>(child)) {
            const described = typeof property === 'object' && property !== null && 'description' in property;
            if (!described && name !== 'type') bare.push(`${path}.${name}`);
            walk(property, `${path}.${name}`);
          }
        else walk(child, path);
    };
    walk(configJsonSchema(), '');
    expect(bare).toEqual([]);
  });

  it('is what docs/config.md says', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/config.md'), 'utf8');
    expect(page).toBe(configReference());
    for (const key of Object.keys(configSchema.shape)) expect(page).toContain(`\n## ${key}\n`);
  });

  it('tells of what several types have in common once, and refers to it', () => {
    const lines = configReference().split('\n');
    const rows = (key: string) => lines.filter((line) => line.startsWith(`| \`${key}\` `));
    expect(rows('estate.stores.NAME.documents[].skew')).toHaveLength(1);
    expect(rows('estate.stores.NAME.network.vpcId')).toHaveLength(1);
    const documents = rows('estate.stores.NAME.documents');
    expect(documents.filter((line) => line.includes('As of `type: pgvector`.'))).toHaveLength(6);
    expect(documents).toHaveLength(7);
    // What one line tells is written out for each type.
    expect(rows('estate.stores.NAME.billed')).toHaveLength(7);
  });
});
