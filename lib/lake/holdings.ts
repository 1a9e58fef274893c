import pLimit from 'p-limit';
import { BursarError } from '../platform/errors.ts';
import type { Attribution } from './attribution/derived.ts';
import { readManifest } from './commit.ts';
import { chooseEngines, MOST_LOCAL_BYTES } from './engine/choose.ts';
import type { InPlaceSource } from './inplace/model.ts';
import { ofPeriods } from './inplace/period.ts';
import { SOURCES, textOf } from './layout.ts';
import type { Manifest, PeriodSnapshot, StoredPart } from './manifest.ts';
import type { Choice, EngineSetting } from './model.ts';
import { leftOut, leftOutOf } from './precedence.ts';
import type { Store } from './store/model.ts';
import { costsSql, type PartGroup, type Within } from './view.ts';

/** Objects fetched at once. */
const FETCHES = 8;

export interface HoldingsOptions {
  readonly store: Store;
  readonly attribution: Attribution;
  readonly engine: EngineSetting;
  /** Parquet of one source up to which it is asked here where the engine is auto. */
  readonly mostLocalBytes?: bigint | undefined;
  readonly inPlace: readonly InPlaceSource[];
}

/** Which bills there are, where each of them is asked, and the table `costs` over those that are asked here. */
export class Holdings {
  readonly #options: HoldingsOptions;

  constructor(options: HoldingsOptions) {
    this.#options = options;
  }

  /** Manifests of the sources named, or of all; a source that the lake does not hold is an input error. */
  async manifests(sources: readonly string[] | null): Promise<Manifest[]> {
    const held = (await this.#options.store.folders(SOURCES)).map(textOf);
    const limit = pLimit(FETCHES);
    const wanted = sources ?? held;
    const read = await Promise.all(wanted.map((id) => limit(() => readManifest(this.#options.store, id))));
    const found = read.flatMap(({ manifest }) => (manifest === null ? [] : [manifest]));
    const missing = sources?.find((id) => !found.some(({ sourceId }) => sourceId === id));
    if (missing !== undefined)
      throw new BursarError('input', `the lake holds no source ${missing}`, {
        where: this.#options.store.shownAs,
        hint: held.length === 0 ? 'It holds none yet.' : `It holds ${held.join(', ')}.`,
      });
    return found.toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
  }

  /** Where each of the sources named, or of all, is asked. */
  async placed(
    sources: readonly string[] | null,
  ): Promise<{ local: Manifest[]; remote: InPlaceSource[]; choices: Choice[] }> {
    const inPlace = this.#options.inPlace.filter(
      ({ sourceId }) => sources === null || sources.includes(sourceId),
    );
    const tables = new Set(inPlace.map(({ sourceId }) => sourceId));
    const all = await this.manifests(sources?.filter((id) => !tables.has(id)) ?? null);
    const missing = [...tables].filter((id) => !all.some(({ sourceId }) => sourceId === id));
    const held = [...all, ...(await this.#held(missing))];
    const choices = chooseEngines({
      setting: this.#options.engine,
      mostLocalBytes: this.#options.mostLocalBytes ?? MOST_LOCAL_BYTES,
      held: held.map(({ sourceId, periods }) => ({
        sourceId,
        bytes: periods.reduce((sum, { current }) => sum + BigInt(current?.bytes ?? 0), 0n),
        elsewhere: periods.flatMap(({ period, current }) =>
          current?.inPlace === undefined ? [] : [{ period, reason: current.inPlace.reason }],
        ),
      })),
      inPlace,
    });
    const whole = choices.filter(({ periods }) => periods === null);
    const parts = choices.filter(({ periods }) => periods !== null);
    const placeOf = new Map(whole.map(({ sourceId, engine }) => [sourceId, engine]));
    const remote = inPlace.flatMap((source): InPlaceSource[] => {
      if (placeOf.get(source.sourceId) === source.engine.id) return [source];
      const periods = parts
        .filter(({ sourceId, engine }) => sourceId === source.sourceId && engine === source.engine.id)
        .flatMap((choice) => choice.periods ?? []);
      return periods.length === 0 ? [] : [ofPeriods(source, periods)];
    });
    return {
      local: held.filter(({ sourceId }) => placeOf.get(sourceId) === 'duckdb'),
      remote,
      choices,
    };
  }

  /** Manifests of those of these sources that the lake holds. */
  async #held(sources: readonly string[]): Promise<Manifest[]> {
    const read = await Promise.all(sources.map((id) => readManifest(this.#options.store, id)));
    return read.flatMap(({ manifest }) => (manifest === null ? [] : [manifest]));
  }

  /** `others`: what else is counted besides these, and may tell the same charges. */
  async view(
    manifests: readonly Manifest[],
    others: readonly Manifest[],
    asked?: string,
    within: readonly Within[] = [],
  ): Promise<{ view: string; paths: string[] }> {
    const groups = new Map<string, PartGroup & { paths: string[]; billers: string[] }>();
    const limit = pLimit(FETCHES);
    const out = leftOut([...manifests, ...others]);
    for (const { sourceId, periods } of manifests)
      for (const { period, current } of periods) {
        if (current === null || current.parts.length === 0) continue;
        const without = leftOutOf(out, sourceId, period);
        if (without.length > 0 && without.length === accountsIn(current)) continue;
        const key = JSON.stringify([current.columns, without]);
        const group = groups.get(key) ?? { columns: current.columns, paths: [], without, billers: [] };
        group.billers.push(...current.extents.map(({ provider }) => provider));
        group.paths.push(...(await Promise.all(current.parts.map((part) => limit(() => this.local(part))))));
        groups.set(key, group);
      }
    const view = costsSql([...groups.values()], this.#options.attribution, asked, within);
    return { view, paths: [...groups.values()].flatMap(({ paths }) => paths) };
  }

  /** Where a part can be read here. */
  local({ key, bytes }: StoredPart): Promise<string> {
    return this.#options.store.toLocal(key, bytes);
  }
}

/**
 * What of these sources cannot be asked anywhere ends the question: an answer without it would be a wrong number.
 * A source that was never collected is missed only by who names it; its coverage tells everybody else.
 */
export function mustBeAsked(choices: readonly Choice[], sources: readonly string[] | null): void {
  const missed = choices.find(
    ({ engine, periods }) => engine === null && (sources !== null || periods !== null),
  );
  if (missed === undefined) return;
  const what = [missed.sourceId, ...(missed.periods ?? [])].join(' ');
  throw new BursarError('input', `${what} cannot be asked: ${missed.reason}`, {
    where: 'lake.engine',
    hint:
      missed.periods === null
        ? 'Set lake.engine to auto, or collect the bill into the lake.'
        : 'Name its table in lake.athena.tables or lake.trino.tables again, or run bursar audit: it is then read here where it fits, and told as missing where it does not.',
  });
}

/** Accounts of a snapshot, each once for every payer. */
function accountsIn({ extents }: PeriodSnapshot): number {
  return new Set(
    extents.map(({ billingAccount, subAccount }) => JSON.stringify([billingAccount, subAccount])),
  ).size;
}
