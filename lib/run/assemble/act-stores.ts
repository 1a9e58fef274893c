import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresActSession } from '../../actions/postgres-session.ts';
import { readIndexId, serverName } from '../../estate/pgvector/address.ts';
import { folderStore } from '../../lake/store/folder.ts';
import { s3Store, s3StoreReadPermissions } from '../../lake/store/s3.ts';
import type { Finding } from '../../ledger/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { s3Client } from './aws-base.ts';
import { connectPostgres } from './postgres-client.ts';
import { rdsPermissions } from './rds-login.ts';
import { secretPermissions } from './secrets.ts';
import { documentsOf } from './store-documents.ts';
import { type PgvectorConfig, pgvectorLogin, placeOf } from './store-pgvector.ts';
import type { Stores } from './store-scopes.ts';
import { sourceLister } from './store-sources.ts';

type Acting = PgvectorConfig & { readonly act: NonNullable<PgvectorConfig['act']> };

/**
 * Sessions that may act in a Postgres, by the login that a store of the config has for it: the login that reads never
 * acts. A finding names server and database, and only a store whose login leads to both is entered.
 */
export function storeActSessions(
  stores: Stores,
  meter: Meter,
): (actionId: string, finding: Pick<Finding, 'resourceId' | 'accountId'>) => Promise<PostgresActSession> {
  return async (actionId, { resourceId, accountId }) => {
    const named = readIndexId(resourceId);
    for (const [id, store] of acting(stores)) {
      if (named === null) break;
      const where = `store:${id}`;
      const login = await pgvectorLogin(store.act, id, 'act.url');
      const { host, port, database } = placeOf(login, where);
      const server = serverName(host, port);
      // Names of hosts are the same in any case; those of databases are not.
      if (server.toLowerCase() !== named.server.toLowerCase() || database !== named.database) continue;
      return {
        store: id,
        server: named.server,
        database,
        meter,
        documents: (index) => documentsOf(store, sourceLister(id, new Date(), meter))(index),
        exports: exportsOf(store.act.exports),
        async connected(work) {
          // A token of IAM is good for 15 minutes: each connection has its own.
          const again = store.act.auth === undefined ? login : await pgvectorLogin(store.act, id, 'act.url');
          const client = await connectPostgres(again, where).catch((error: unknown) => {
            throw store.network === undefined ? error : notFromHere(error, where);
          });
          try {
            return await work({
              query: (text, values) => client.query(text, values === undefined ? undefined : [...values]),
            });
          } finally {
            await client.end();
          }
        },
      };
    }
    throw new BursarError('config', `no store has a login that may carry out ${actionId} there`, {
      where: accountId,
      hint: 'Nothing is done there; it is only warned about. Name one in estate.stores.ID.act.',
    });
  };
}

/**
 * A store that is reached from its VPC alone, where nothing runs that may act: waiting will not change that, so its
 * owner is told at once, with the reason, instead of being told nothing until it can be read.
 */
function notFromHere(error: unknown, where: string): unknown {
  if (!(error instanceof BursarError) || error.code !== 'unavailable') return error;
  return new BursarError(
    'config',
    `it lies in a VPC (network) that cannot be reached from here: ${error.message}`,
    {
      where,
      hint: 'Only `bursar sweep --act` from a machine that reaches the store can act there (docs/stores.md).',
      cause: error,
    },
  );
}

/** A folder of this machine, or of a bucket with the credentials of this process. */
export function exportsOf(place: string | undefined): PostgresActSession['exports'] {
  if (place === undefined) return null;
  const { bucket, prefix } = bucketOf(place) ?? {};
  return bucket === undefined
    ? folderStore(place)
    : s3Store({
        client: s3Client(undefined),
        bucket,
        prefix: prefix ?? '',
        cacheDir: join(tmpdir(), 'bursar', 'exports'),
      });
}

function bucketOf(place: string): { bucket: string; prefix: string } | null {
  const [, bucket, folder = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(place) ?? [];
  return bucket === undefined ? null : { bucket, prefix: folder === '' ? '' : `${folder}/` };
}

/** What the logins that act need; nothing where no store has one. */
export function storeActPermissions(stores: Stores): Permission[] {
  return acting(stores).flatMap(([, { act }]) => [
    ...(act.url === undefined
      ? []
      : secretPermissions([act.url], 'reads the login that acts in a vector store')),
    ...(act.auth === undefined ? [] : rdsPermissions(act.auth)),
    ...exportPermissions(act.exports),
  ]);
}

/** What was kept is read back before anything is deleted, and to bring it back. */
export function exportPermissions(
  place: string | undefined,
  why = 'keeps rows before they are deleted from a vector store',
): Permission[] {
  const named = bucketOf(place ?? '');
  if (named === null) return [];
  const put = { cloud: 'aws', action: 's3:PutObject', why } as const;
  return [
    { ...put, resources: [`arn:aws:s3:::${named.bucket}/${named.prefix}*`] },
    ...s3StoreReadPermissions(named.bucket, named.prefix).map((right) => ({ ...right, why })),
  ];
}

function acting(stores: Stores): [string, Acting][] {
  return Object.entries(stores).flatMap(([id, store]): [string, Acting][] =>
    store.type === 'pgvector' && store.act !== undefined ? [[id, { ...store, act: store.act }]] : [],
  );
}
