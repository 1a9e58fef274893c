import type { Permission } from '../platform/permissions.ts';

/**
 * Keys of the ledger's one table, for whoever creates it.
 *
 * | pk | sk | what |
 * | --- | --- | --- |
 * | `FINDING#<first character of the id's base32>` | finding id | the record, its version, `duePk` and `dueAt` where it is due |
 * | `AUDIT#<finding id>` | version of the record, 10 digits | one entry of its trail |
 * | `DOC#<key>` | `DOC` | a small document |
 *
 * 32 partitions of findings: one query each reads every finding in order of id, consistently, and never
 * touches the trail, which only grows. `due` is sparse: a record is in it only while it has a date.
 * `expiresAt` (epoch seconds) is set only on what may vanish; findings and trail never carry it.
 */
export const LEDGER_TABLE = {
  partitionKey: { name: 'pk', type: 'S' },
  sortKey: { name: 'sk', type: 'S' },
  timeToLive: 'expiresAt',
  indexes: [
    {
      name: 'due',
      partitionKey: { name: 'duePk', type: 'S' },
      sortKey: { name: 'dueAt', type: 'S' },
      projection: 'KEYS_ONLY',
    },
  ],
} as const;

/** Base32 letters in the order of their bytes: the shards one after the other are in order of id. */
const SHARDS = Array.from('234567abcdefghijklmnopqrstuvwxyz');

export const DUE = 'DUE';

export function shardKeys(): string[] {
  return SHARDS.map((letter) => `FINDING#${letter}`);
}

export function findingKey(id: string): { pk: string; sk: string } {
  return { pk: `FINDING#${id.charAt(2)}`, sk: id };
}

export function auditKey(id: string, version: number): { pk: string; sk: string } {
  return { pk: `AUDIT#${id}`, sk: String(version).padStart(10, '0') };
}

export function docKey(key: string): { pk: string; sk: string } {
  return { pk: `DOC#${key}`, sk: 'DOC' };
}

/**
 * What the store needs. A transaction of puts needs `dynamodb:PutItem` and no right of its own (Amazon DynamoDB
 * Developer Guide, "Using IAM with DynamoDB transactions").
 */
export function ledgerPermissions(table: string): Permission[] {
  const resources = [`arn:*:dynamodb:*:*:table/${table}`];
  return [
    { cloud: 'aws', action: 'dynamodb:GetItem', resources, why: 'reads one finding' },
    { cloud: 'aws', action: 'dynamodb:Query', resources, why: 'reads the findings and their trail' },
    { cloud: 'aws', action: 'dynamodb:PutItem', resources, why: 'writes findings and their trail' },
  ];
}
