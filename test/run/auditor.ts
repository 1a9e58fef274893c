import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { defaultConfig } from '../../lib/config/schema.ts';
import { type Resource, type Scope, type Snapshot, scopeName } from '../../lib/estate/model.ts';
import type { Dimensions } from '../../lib/lake/dimensions.ts';
import type { LedgerStore } from '../../lib/ledger/model.ts';
import { BursarError, type ErrorCode } from '../../lib/platform/errors.ts';
import { configured } from '../../lib/run/assemble/config.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import type { Auditor, Estate } from '../../lib/run/auditor.ts';
import { focusFileSource } from '../../lib/sources/focus-file/source.ts';
import type { Source } from '../../lib/sources/model.ts';
import { type Charge, csvBill } from '../journeys/bills.ts';

export const QUIET = { step: () => undefined, warn: () => undefined };
export const EAST: Scope = { provider: 'aws', accountId: '111122223333', region: 'us-east-1' };
export const WEST: Scope = { provider: 'aws', accountId: '111122223333', region: 'us-west-2' };

/** Lake and ledger of one test, in a folder that goes with it. */
export async function opened(
  dimensions: Dimensions = {},
): Promise<{ folder: string; lake: Auditor['lake']; ledger: LedgerStore }> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-run-'));
  const { lake, ledger } = await openLocal(join(folder, 'state'), dimensions);
  onTestFinished(async () => {
    await lake[Symbol.asyncDispose]();
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, lake, ledger };
}

/** The auditor of an empty config with these parts. */
export function auditorOf(
  { lake, ledger }: Pick<Auditor, 'lake' | 'ledger'>,
  sources: readonly Source[],
  estates: readonly Estate[] = [],
): Auditor {
  return { ...configured(defaultConfig(), QUIET), lake, ledger, sources, estates };
}

/** A bill on disk, read by the real source. */
export async function bill(folder: string, id: string, charges: readonly Charge[]): Promise<Source> {
  const path = join(folder, `${id}.csv`);
  await writeFile(path, csvBill(charges));
  return focusFileSource({ id, paths: [path] });
}

export function failingBill(id: string, code: ErrorCode): Source {
  return {
    id,
    type: 'focus-file',
    permissions: [],
    deliver: () => Promise.reject(new BursarError(code, `it is ${code}`, { where: `bill:${id}` })),
  };
}

/** A machine without a single tag: what the check `untagged` finds. */
export function machine(scope: Scope, id: string): Resource {
  return {
    provider: 'aws',
    accountId: scope.accountId,
    region: scope.region,
    type: 'aws:ec2:instance',
    id: `arn:aws:ec2:${scope.region}:${scope.accountId}:instance/${id}`,
    name: null,
    state: 'running',
    created: '2026-01-01T00:00:00.000Z',
    tags: {},
    sku: 't3.micro',
    accelerators: [],
    parent: null,
    attributes: {},
  };
}

/** An estate whose scopes hold these machines, or fail with a code. */
export function estate(
  scopes: readonly { readonly scope: Scope; readonly holds: readonly string[] | ErrorCode }[],
): Estate {
  return {
    permissions: [],
    plan: async () => ({ scopes: scopes.map(({ scope }) => scope), coverage: [] }),
    covers: (asked) => scopes.some(({ scope }) => scopeName(scope) === scopeName(asked)),
    async collect(asked, now, meter): Promise<Snapshot> {
      meter.count('ec2:DescribeInstances');
      const here = scopes.find(({ scope }) => scopeName(scope) === scopeName(asked));
      const name = scopeName(asked);
      if (here === undefined || typeof here.holds === 'string')
        return {
          ...snapshot(asked, [], now),
          coverage: [{ scope: name, status: 'failed', reason: `it is ${String(here?.holds)}`, asOf: null }],
        };
      return snapshot(
        asked,
        here.holds.map((id) => machine(asked, id)),
        now,
      );
    },
  };
}

function snapshot(scope: Scope, resources: readonly Resource[], now: Date): Snapshot {
  return {
    schemaVersion: 2,
    scope,
    takenAt: now.toISOString(),
    resources,
    telemetry: [],
    vectorIndexes: [],
    coverage: [{ scope: scopeName(scope), status: 'complete', reason: null, asOf: now.toISOString() }],
  };
}
