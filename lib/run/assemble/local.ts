import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassRule } from '../../focus/ai/model.ts';
import type { Dimensions } from '../../lake/dimensions.ts';
import { type LakeOptions, openLake } from '../../lake/lake.ts';
import type { Lake } from '../../lake/model.ts';
import { folderStore } from '../../lake/store/folder.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { sqliteLedger } from '../../ledger/sqlite.ts';

/** The embedded lake and ledger under a state folder, which is made where it is missing. */
export async function openLocal(
  state: string,
  dimensions: Dimensions,
  aiRules: readonly ClassRule[] = [],
  engines: Pick<LakeOptions, 'engine' | 'mostLocalBytes' | 'inPlace'> = {},
): Promise<{ lake: Lake; ledger: LedgerStore }> {
  await mkdir(state, { recursive: true });
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    dimensions,
    aiRules,
    ...engines,
  });
  return { lake, ledger: sqliteLedger(join(state, 'ledger.sqlite')) };
}
