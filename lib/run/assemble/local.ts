import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassRule } from '../../focus/ai/model.ts';
import type { Dimensions } from '../../lake/dimensions.ts';
import { type LakeOptions, openLake } from '../../lake/lake.ts';
import type { Lake } from '../../lake/model.ts';
import { folderStore } from '../../lake/store/folder.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { sqliteLedger } from '../../ledger/sqlite.ts';
import { diskFault } from '../../platform/disk-fault.ts';
import { BursarError } from '../../platform/errors.ts';

/** The embedded lake and ledger under a state folder, which is made where it is missing. */
export async function openLocal(
  state: string,
  dimensions: Dimensions,
  aiRules: readonly ClassRule[] = [],
  engines: Pick<LakeOptions, 'engine' | 'mostLocalBytes' | 'inPlace'> = {},
): Promise<{ lake: Lake; ledger: LedgerStore }> {
  await mustBeWritable(state);
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    dimensions,
    aiRules,
    ...engines,
  });
  return { lake, ledger: sqliteLedger(join(state, 'ledger.sqlite')) };
}

/** Also what only reads needs it: scratch files of the lake, and the ledger's beside its own (SQLite, WAL mode). */
async function mustBeWritable(state: string): Promise<void> {
  try {
    await mkdir(join(state, 'work'), { recursive: true });
    for (const folder of [state, join(state, 'work')]) await access(folder, constants.W_OK);
  } catch (error) {
    const fault = diskFault(error);
    if (fault === null) throw error;
    throw new BursarError('unavailable', `the state folder cannot be used: ${fault.message}`, {
      where: state,
      hint: 'Run as its owner, or name another folder with --state: for reading, a copy of it will do.',
      cause: error,
    });
  }
}
