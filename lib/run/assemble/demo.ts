import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { asSeen, DEMO_CONFIG, VISITS, writeBills, writeTruth } from '../../demo/company.ts';
import { type Scope, type Snapshot, scopeName } from '../../estate/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Progress } from '../../platform/progress.ts';
import type { Estate } from '../auditor.ts';
import type { Visit } from '../demo.ts';
import { configured } from './config.ts';
import { openLocal } from './local.ts';
import { fileSource } from './sources.ts';

const MARKER = '.bursar-demo';
const DAY_MS = 86_400_000;

/**
 * The made-up company under `folder`: bills, config and truth as files, lake and ledger beside them. A folder
 * that an earlier demo made is emptied first; any other that holds something is refused.
 */
export async function* assembleDemo(
  folder: string,
  seed: number,
  now: Date,
  progress: Progress,
): AsyncGenerator<Visit> {
  await emptied(folder);
  await writeFile(join(folder, 'bursar.yaml'), DEMO_CONFIG);
  await writeTruth(join(folder, 'truth.json'), seed, now);
  const config = parseConfig(DEMO_CONFIG, 'bursar.yaml');
  const { lake, ledger } = await openLocal(folder, config.dimensions, config.ai.rules);
  try {
    for (const ago of VISITS) {
      const at = new Date(now.getTime() - ago * DAY_MS);
      const bills = await writeBills(join(folder, 'bills'), seed, now, ago);
      yield {
        at,
        isLast: ago === VISITS.at(-1),
        auditor: {
          ...configured(config, progress),
          lake,
          ledger,
          sources: bills.map(({ source, path }) => fileSource(source, [path], folder)),
          estates: [seenEstate(seed, now, ago)],
        },
      };
    }
  } finally {
    await lake[Symbol.asyncDispose]();
    await ledger.close();
  }
}

/** The estate as generated for that day. */
function seenEstate(seed: number, now: Date, ago: number): Estate {
  const seen = asSeen(seed, now, ago);
  return snapshotsEstate(() => seen);
}

/** A generated estate, handed out scope by scope as a collector would. */
export function snapshotsEstate(take: () => readonly Snapshot[]): Estate {
  const of = (scope: Scope) => take().find((each) => scopeName(each.scope) === scopeName(scope));
  return {
    permissions: [],
    covers: (scope) => of(scope) !== undefined,
    plan: async () => ({ scopes: take().map(({ scope }) => scope), coverage: [] }),
    async collect(scope) {
      const snapshot = of(scope);
      if (snapshot === undefined)
        throw new BursarError('internal', `the demo has no scope ${scopeName(scope)}`);
      return snapshot;
    },
  };
}

async function emptied(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const held = await readdir(folder);
  if (held.length > 0 && !held.includes(MARKER))
    throw new BursarError('input', 'this folder holds something that is not a demo', {
      where: folder,
      hint: 'Give --out a new or empty folder.',
    });
  for (const name of held)
    if (name !== MARKER) await rm(join(folder, name), { recursive: true, force: true });
  await writeFile(
    join(folder, MARKER),
    'Made by `bursar demo`, which empties this folder when it runs again.\n',
  );
}
