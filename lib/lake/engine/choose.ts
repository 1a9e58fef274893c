import type { Choice, EngineSetting } from '../model.ts';
import type { RemoteEngine } from './remote.ts';

/**
 * Parquet of one source that DuckDB is asked over where nothing else is said: about 450 million rows at the 188 MB
 * that ten million take (docs/performance.md), and with room to spare in the 10,240 MiB that /tmp of a Lambda
 * function has at most (Lambda Developer Guide, "Configure ephemeral storage").
 */
export const MOST_LOCAL_BYTES = 8n * 2n ** 30n;

export interface Choosable {
  readonly setting: EngineSetting;
  readonly mostLocalBytes: bigint;
  /** Sources of the lake, with the bytes of their parts. */
  readonly held: readonly {
    readonly sourceId: string;
    readonly bytes: bigint;
    /** Its periods that are not in the lake, since they did not fit here: see inplace/period.ts. */
    readonly elsewhere?: readonly { readonly period: string; readonly reason: string }[];
  }[];
  /** Sources that have a table elsewhere. */
  readonly inPlace: readonly {
    readonly sourceId: string;
    readonly engine: Pick<RemoteEngine, 'id' | 'shownAs'>;
  }[];
}

/** Each source is asked in one place alone: what is both held and in place would else be counted twice. */
export function chooseEngines({ setting, mostLocalBytes, held, inPlace }: Choosable): Choice[] {
  const bytesOf = new Map(held.map(({ sourceId, bytes }) => [sourceId, bytes]));
  const tableOf = new Map(inPlace.map(({ sourceId, engine }) => [sourceId, engine]));
  const ids = [...new Set([...bytesOf.keys(), ...tableOf.keys()])].toSorted();
  return ids.flatMap((sourceId) => {
    const table = tableOf.get(sourceId);
    const choice = {
      sourceId,
      periods: null,
      ...placed(setting, mostLocalBytes, bytesOf.get(sourceId), table),
    };
    const elsewhere = held.find((each) => each.sourceId === sourceId)?.elsewhere ?? [];
    if (elsewhere.length === 0 || (choice.engine !== 'duckdb' && choice.engine !== null)) return [choice];
    return [choice, ...elsewhere.map((each) => ({ sourceId, ...placedElsewhere(setting, table, each) }))];
  });
}

/** A period that does not fit here while others of its source do. */
function placedElsewhere(
  setting: EngineSetting,
  table: Pick<RemoteEngine, 'id' | 'shownAs'> | undefined,
  { period, reason }: { readonly period: string; readonly reason: string },
): Omit<Choice, 'sourceId'> {
  const periods = [period];
  if (table !== undefined && (setting === 'auto' || setting === table.id))
    return { periods, engine: table.id, reason: `${reason} (${table.shownAs})` };
  const why =
    table === undefined
      ? 'lake names no table of it elsewhere'
      : `lake.engine is ${setting}, its table is of ${table.id}`;
  return { periods, engine: null, reason: `the lake does not hold it (${reason}), and ${why}` };
}

function placed(
  setting: EngineSetting,
  most: bigint,
  bytes: bigint | undefined,
  table: Pick<RemoteEngine, 'id' | 'shownAs'> | undefined,
): Omit<Choice, 'sourceId' | 'periods'> {
  if (table === undefined)
    return here(
      bytes !== undefined && bytes > most
        ? `${size(bytes)} of Parquet are more than ${size(most)}, but lake names no table of it elsewhere`
        : `the lake holds ${size(bytes ?? 0n)} of it, and no table elsewhere is named`,
    );
  const there = (reason: string) => ({ engine: table.id, reason: `${reason} (${table.shownAs})` });
  if (setting === 'auto') {
    if (bytes === undefined) return there('the lake does not hold it');
    return bytes > most
      ? there(`${size(bytes)} of Parquet are more than ${size(most)}`)
      : here(`the lake holds ${size(bytes)} of it, not more than ${size(most)}`);
  }
  if (setting === table.id) return there(`lake.engine is ${setting}`);
  if (bytes !== undefined) return here(`lake.engine is ${setting}, and the lake holds ${size(bytes)} of it`);
  return {
    engine: null,
    reason: `lake.engine is ${setting}, its table is of ${table.id}, and the lake does not hold it`,
  };
}

const here = (reason: string) => ({ engine: 'duckdb' as const, reason });

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 GiB`: bytes for people, rounded down to a tenth. */
function size(bytes: bigint): string {
  let unit = 0;
  let tenths = bytes * 10n;
  while (tenths >= 10_240n && unit < UNITS.length - 1) {
    tenths /= 1024n;
    unit += 1;
  }
  const rest = tenths % 10n;
  return `${tenths / 10n}${unit === 0 || rest === 0n ? '' : `.${rest}`} ${UNITS[unit]}`;
}
