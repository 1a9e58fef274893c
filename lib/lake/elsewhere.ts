import type { Attribution } from './attribution/derived.ts';
import type { Params } from './engine/duckdb.ts';
import { inPlaceManifest } from './inplace/extents.ts';
import type { InPlaceSource } from './inplace/model.ts';
import { inPlaceView, type Without } from './inplace/view.ts';
import type { Manifest } from './manifest.ts';
import type { HeldSource, LeftOut, Row } from './model.ts';
import { isCostExplorer, isExport } from './precedence.ts';
import { askedSql, mergeAnswers } from './queries/merge.ts';
import type { NamedQuery } from './queries/query.ts';

/** Asks the bills that lie elsewhere, and remembers what they hold for as long as the lake is open. */
export class Elsewhere {
  readonly #attribution: Attribution;
  readonly #manifests = new Map<string, Promise<Manifest>>();

  constructor(attribution: Attribution) {
    this.#attribution = attribution;
  }

  /**
   * One question over sources of several engines and over rows here (`here` asks them), merged into one answer.
   * @param here null: no source is asked here.
   */
  async ask(
    named: NamedQuery<object>,
    params: Params,
    sources: readonly InPlaceSource[],
    out: readonly LeftOut[],
    here: ((isPart: boolean) => Promise<readonly Row[]>) | null,
  ): Promise<readonly Row[]> {
    const groups = [...Map.groupBy(sources, ({ engine }) => engine)];
    const isPart = groups.length + (here === null ? 0 : 1) > 1;
    const answers: (readonly Row[])[] = here === null ? [] : [await here(isPart)];
    for (const [engine, group] of groups) {
      const sql = askedSql(named, engine.dialect, isPart);
      const without: Without[] = out.filter(({ sourceId }) =>
        group.some((each) => each.sourceId === sourceId),
      );
      const view = await inPlaceView(group, without, this.#attribution, sql);
      answers.push(await engine.ask(view, sql, params));
    }
    return isPart ? mergeAnswers(named.merge, answers) : (answers[0] ?? []);
  }

  /**
   * What these sources hold, as manifests; asked only where a bill of Cost Explorer is held, which an export of the
   * same payer replaces: nothing else depends on it.
   */
  async manifests(sources: readonly InPlaceSource[], held: readonly Manifest[]): Promise<Manifest[]> {
    if (!held.some(isCostExplorer)) return [];
    return await Promise.all(
      sources.filter(isExport).map((source) => {
        const known = this.#manifests.get(source.sourceId) ?? inPlaceManifest(source);
        this.#manifests.set(source.sourceId, known);
        // What could not be found out is asked again the next time.
        return known.catch((error: unknown) => {
          this.#manifests.delete(source.sourceId);
          throw error;
        });
      }),
    );
  }
}

/** A bill that lies elsewhere and is read whenever it is asked: it has no periods, totals or fingerprints here. */
export function asHeld({ sourceId, sourceType, grain }: InPlaceSource, now: Date): HeldSource {
  return {
    sourceId,
    sourceType,
    grain,
    asOf: null,
    ingestedAt: now.toISOString(),
    periods: [],
    fingerprints: {},
    leftOut: [],
  };
}
