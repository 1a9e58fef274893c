import type { Connection } from '@lancedb/lancedb';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { lanceError } from './errors.ts';

/** A table by its namespaces and its name. */
export interface Named {
  readonly path: readonly string[];
  readonly name: string;
  /** `team.docs`; without namespaces the name alone. */
  readonly label: string;
}

const PAGE = 1_000;
/** Namespaces that are walked at most. */
const MOST_NAMESPACES = 1_000;

/**
 * Tables of a database with those of its namespaces, in the order in which it lists them.
 * @param most tables at most; `more` where there are others
 */
export async function namesOf(
  connection: Connection,
  most: number,
  where: string,
  meter: Meter,
): Promise<{ readonly tables: Named[]; readonly more: boolean }> {
  const tables: Named[] = [];
  const waiting: (readonly string[])[] = [[]];
  let walked = 0;
  try {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      walked += 1;
      if (walked > MOST_NAMESPACES) return { tables, more: true };
      for await (const name of pages('lancedb.listTables', where, meter, async (token) => {
        const page = await connection.listTables([...(path ?? [])], { limit: PAGE, ...token });
        return { items: page.tables, next: page.pageToken };
      })) {
        if (tables.length >= most) return { tables, more: true };
        tables.push({ path, name, label: [...path, name].join('.') });
      }
      for await (const name of pages('lancedb.listNamespaces', where, meter, async (token) => {
        const page = await connection.listNamespaces([...(path ?? [])], { limit: PAGE, ...token });
        return { items: page.namespaces, next: page.pageToken };
      }))
        waiting.push([...path, name]);
    }
  } catch (error) {
    throw lanceError(error, where, 'its list of tables');
  }
  return { tables, more: false };
}

async function* pages(
  call: string,
  where: string,
  meter: Meter,
  ask: (token: { pageToken?: string }) => Promise<{ items: readonly string[]; next?: string | undefined }>,
): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    meter.count(call);
    const asked = token;
    const page = await ask(asked === undefined ? {} : { pageToken: asked });
    yield* page.items;
    token = page.next === '' ? undefined : page.next;
    if (token !== undefined && token === asked)
      throw new BursarError('unavailable', `${call} gave the same page twice and would never end`, { where });
  } while (token !== undefined);
}
