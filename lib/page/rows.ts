import type { PageFinding, PageRows } from '../digest/page-model.ts';

/** Unpacks the rows that the page brings: base64 of gzip of JSON, without a request. */
export async function unpacked(text: string): Promise<PageRows> {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

/** What rows may be narrowed to by a value of their own. */
export const FACETS = ['check', 'verdict', 'state', 'severity', 'provider', 'owner'] as const;
export type Facet = (typeof FACETS)[number];

/** What of the findings is wanted; '' is everything. */
export type Wanted = Readonly<Record<Facet | 'text', string>>;

export const SORTS = ['saving', 'cost', 'severity', 'age', 'title', 'check', 'owner'] as const;
export type SortKey = (typeof SORTS)[number];
export interface Sort {
  readonly by: SortKey;
  /** In the order in which a reader would first want it, or turned round. */
  readonly reversed: boolean;
}

/** The text that a search looks into, of each row. */
export function searchTexts(rows: readonly PageFinding[]): string[] {
  return rows.map(({ title, resource, owner, check, reason, account, region, verdict, state, type }) =>
    [title, resource, owner, check, reason, account, region, verdict, state, type].join('\n').toLowerCase(),
  );
}

/** Rows that have every wanted value and every word of the search. @param texts of `searchTexts` */
export function narrowed(
  rows: readonly PageFinding[],
  texts: readonly string[],
  wanted: Wanted,
): PageFinding[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  const facets = FACETS.filter((facet) => facet !== 'owner' && wanted[facet] !== '');
  const owner = wanted.owner.trim().toLowerCase();
  return rows.filter((row, at) => {
    const text = texts[at] ?? '';
    return (
      facets.every((facet) => row[facet] === wanted[facet]) &&
      (owner === '' || (row.owner || NOBODY).toLowerCase().includes(owner)) &&
      words.every((word) => text.includes(word))
    );
  });
}

/** What stands where nobody is known to answer for it. */
export const NOBODY = 'no known owner';

const SEVERITIES = ['critical', 'high', 'medium', 'low'];

/** By code points: of ten thousand names, a collator would take longer than a reader waits. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In the order wanted; equal ones stay as they were. */
export function sorted(rows: readonly PageFinding[], { by, reversed }: Sort): PageFinding[] {
  const folded = by === 'title' ? new Map(rows.map((row) => [row, row.title.toLowerCase()])) : null;
  const compare: Readonly<Record<SortKey, (a: PageFinding, b: PageFinding) => number>> = {
    saving: (a, b) => a.savingRank - b.savingRank,
    cost: (a, b) => a.costRank - b.costRank,
    severity: (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
    age: (a, b) => b.age - a.age,
    title: (a, b) => byText(folded?.get(a) ?? '', folded?.get(b) ?? ''),
    check: (a, b) => byText(a.check, b.check),
    owner: (a, b) => byText(a.owner || '\uffff', b.owner || '\uffff'),
  };
  return rows.toSorted((a, b) => (reversed ? compare[by](b, a) : compare[by](a, b)));
}
