import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from '../../lake/lake.ts';
import type { Store } from '../../lake/store/model.ts';
import { readOnce } from '../../lake/store/read-once.ts';
import { s3Store } from '../../lake/store/s3.ts';
import { loggedProgress } from '../../platform/log.ts';
import type { Auditor } from '../auditor.ts';
import { attributed, snapshotsIn } from './account-tags.ts';
import { s3Client } from './aws-base.ts';
import { configured } from './config.ts';
import { type Deployed, setting } from './deployed.ts';
import { lakeEngines } from './engines.ts';
import type { Parts } from './parts.ts';
import { unitsOf } from './units.ts';

/** Scratch: /tmp, the only disk that a Lambda function can write. */
const workDir = () => join(tmpdir(), 'bursar');
/** Of the memory that a function has, what DuckDB may take; Node, Arrow buffers and the SDK need the rest. */
const ENGINE_SHARE = 0.5;
const LEAST_ENGINE_MIB = 256;

/** The auditor of a function that collects, over the lake in S3. */
export async function deployedAuditor(deployed: Deployed, parts: Parts): Promise<Auditor> {
  return await auditorOver(bucketStore(), deployed, parts);
}

/** The auditor of a function that only asks what was collected: of one state of the bills from one `forget` to the next. */
export async function deployedReader(
  deployed: Deployed,
): Promise<{ readonly auditor: Auditor; readonly forget: () => void }> {
  const store = readOnce(bucketStore());
  const auditor = await auditorOver(store, deployed, { sources: [], estates: [] });
  return { auditor, forget: store.forget };
}

function bucketStore(): Store {
  return s3Store({
    client: s3Client(undefined),
    bucket: setting('BURSAR_BUCKET'),
    prefix: setting('BURSAR_PREFIX'),
    cacheDir: `${workDir()}/parts`,
  });
}

async function auditorOver(
  store: Store,
  { config: given, ledger, log }: Deployed,
  parts: Parts,
): Promise<Auditor> {
  const progress = loggedProgress(log);
  const config = await attributed(given, () => snapshotsIn(store), progress);
  const made = configured(config, progress);
  const lake = await openLake({
    store,
    workDir: `${workDir()}/work`,
    dimensions: config.dimensions,
    aiRules: config.ai.rules,
    ...(await lakeEngines(config, made.asking)),
    memoryMiB: engineMiB(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
  });
  return {
    ...made,
    lake,
    ledger,
    units: (of) => unitsOf(config, lake, of, process.cwd()),
    ...parts,
  };
}

/** Lambda tells a function its memory in MiB (Lambda Developer Guide, "Defined runtime environment variables"). */
function engineMiB(functionMiB: string | undefined): number {
  return Math.max(LEAST_ENGINE_MIB, Math.floor(Number(functionMiB ?? '1200') * ENGINE_SHARE));
}
