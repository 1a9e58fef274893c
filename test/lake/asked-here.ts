import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readManifest } from '../../lib/lake/commit.ts';
import { lockedQuery } from '../../lib/lake/engine/locked.ts';
import { QUERY_LIMITS } from '../../lib/lake/lake.ts';
import type { QueryLimits, Row, UserQueryResult } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { costsSql, type PartGroup } from '../../lib/lake/view.ts';

/**
 * Answers a SELECT of a user over sources of a lake in a folder as `Lake.query` does, but in this process: for many
 * questions whose own process, half a second each, is not what is looked at.
 */
export async function askedHere(
  root: string,
  sourceIds: readonly string[],
  sql: string,
  limits: Partial<QueryLimits> = {},
): Promise<UserQueryResult> {
  const groups = await partsHeld(root, sourceIds);
  const rows: Row[] = [];
  const told = await lockedQuery(
    {
      sql,
      view: costsSql(groups, { dimensions: {}, aiRules: [] }),
      paths: groups.flatMap(({ paths }) => paths),
      tempDir: join(root, '..', `spill-${randomUUID()}`),
      limits: { ...QUERY_LIMITS, ...limits },
    },
    async (some) => {
      rows.push(...some);
    },
  );
  return { ...told, rows: JSON.parse(JSON.stringify(rows)) };
}

/** What a lake in a folder holds of sources, a group for each period. */
export async function partsHeld(root: string, sourceIds: readonly string[]): Promise<PartGroup[]> {
  const held = await Promise.all(sourceIds.map((id) => readManifest(folderStore(root), id)));
  return held
    .flatMap(({ manifest }) => manifest?.periods ?? [])
    .flatMap(({ current }): PartGroup[] =>
      current === null
        ? []
        : [{ columns: current.columns, paths: current.parts.map(({ key }) => join(root, key)) }],
    );
}
