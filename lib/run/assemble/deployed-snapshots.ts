import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lake } from '../../lake/model.ts';
import { readSnapshots } from '../../lake/snapshots.ts';
import type { Store } from '../../lake/store/model.ts';
import { s3Store } from '../../lake/store/s3.ts';
import { s3Client } from './aws-base.ts';
import { setting } from './deployed.ts';

/** The lake's objects in S3. */
export function keptStore(): Store {
  return s3Store({
    client: s3Client(undefined),
    bucket: setting('BURSAR_BUCKET'),
    prefix: setting('BURSAR_PREFIX'),
    cacheDir: join(tmpdir(), 'bursar', 'parts'),
  });
}

/** The kept snapshots in S3 without the engine: a function that asks no bill carries none. */
export function keptSnapshots(): Pick<Lake, 'snapshots'> {
  let store: Store | null = null;
  return {
    snapshots: (scope, most) => {
      store ??= keptStore();
      return readSnapshots(store, scope, most);
    },
  };
}
