import { createHash } from 'node:crypto';
import type { Permission } from '../platform/permissions.ts';

/**
 * Keys of the ledger's one table, for whoever creates it.
 *
 * | pk | sk | what |
 * | --- | --- | --- |
 * | `FINDING#<first character of the id's base32>` | finding id | the record, its version, `duePk` and `wakeAt` where time alone wakes it |
 * | `AUDIT#<finding id>` | version of the record, 10 digits | one entry of its trail |
 * | `RESOURCE#<hash of the resource's id>` | finding id | nothing more: which findings a resource has |
 * | `CLAIM#<hash of the resource's id>` | `CLAIM` | who may act on it, and until when |
 * | `DOC#<key>` | `DOC` | a small document |
 *
 * 32 partitions of findings: one query each reads every finding in order of id, consistently, and never
 * touches the trail, which only grows. `due` is sparse: a record is in it only while time alone wakes it.
 * `expiresAt` (epoch seconds) is set only on what may vanish: claims. Findings and trail never carry it.
 */
export const LEDGER_TABLE = {
  partitionKey: { name: 'pk', type: 'S' },
  sortKey: { name: 'sk', type: 'S' },
  timeToLive: 'expiresAt',
  indexes: [
    {
      name: 'due',
      partitionKey: { name: 'duePk', type: 'S' },
      sortKey: { name: 'wakeAt', type: 'S' },
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

/** A key holds at most 2048 bytes (Amazon DynamoDB Developer Guide, "Constraints"); ids of resources may be longer. */
function hashed(resourceId: string): string {
  return createHash('sha256').update(resourceId, 'utf8').digest('hex');
}

export function resourcePk(resourceId: string): string {
  return `RESOURCE#${hashed(resourceId)}`;
}

export function claimKey(resourceId: string): { pk: string; sk: string } {
  return { pk: `CLAIM#${hashed(resourceId)}`, sk: 'CLAIM' };
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
  const index = [`arn:*:dynamodb:*:*:table/${table}/index/due`];
  const right = (action: string, why: string) => ({ cloud: 'aws' as const, action, resources, why });
  return [
    right('dynamodb:GetItem', 'reads one finding'),
    right('dynamodb:BatchGetItem', 'reads the findings that are due'),
    {
      ...right('dynamodb:Query', 'reads the findings, what is due, and the trail'),
      resources: [...resources, ...index],
    },
    right('dynamodb:PutItem', 'writes findings, their trail and claims'),
    right('dynamodb:DeleteItem', 'gives a claim back'),
  ];
}
