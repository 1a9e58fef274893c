import type { Discovery, Schema } from './gcp.discovery.ts';
import { isObject, type Json } from './json.ts';

/** One page of a whole answer, as the real API would give it. */
export interface Page {
  readonly body: Json;
  readonly isLast: boolean;
}

/**
 * Cuts a whole answer of a list method. Aggregated lists (`items: {"zones/a": {instances: []}}`) are cut across
 * their scopes, lists at their one array; anything else is one page.
 *
 * @param offset how many entries earlier pages held; the page token says it.
 */
export function pageOf(
  { schemas }: Pick<Discovery, 'schemas'>,
  name: string,
  whole: Json,
  offset: number,
  size: number,
): Page {
  const schema = schemas[name] ?? {};
  const scoped = schema.properties?.['items']?.additionalProperties?.$ref;
  if (scoped !== undefined) {
    const inner = arrayKey(schemas[scoped] ?? {});
    return inner === null ? { body: whole, isLast: true } : aggregated(whole, inner, offset, size);
  }
  const key = arrayKey(schema);
  if (key === null || schema.properties?.['nextPageToken'] === undefined)
    return { body: whole, isLast: true };
  const entries = whole[key];
  if (!Array.isArray(entries)) return { body: whole, isLast: true };
  const page = entries.slice(offset, offset + size);
  return { body: { ...whole, [key]: page }, isLast: offset + size >= entries.length };
}

/** The property that holds the entries: the first array that is no side note. */
function arrayKey(schema: Schema): string | null {
  const found = Object.entries(schema.properties ?? {}).find(
    ([key, { type }]) => type === 'array' && key !== 'unreachables' && key !== 'unreachable',
  );
  return found?.[0] ?? null;
}

function aggregated(whole: Json, inner: string, offset: number, size: number): Page {
  const items = isObject(whole['items']) ? whole['items'] : {};
  const flat: { scope: string; entry: unknown }[] = [];
  const silent: Record<string, unknown> = {};
  for (const [scope, content] of Object.entries(items)) {
    const entries = isObject(content) ? content[inner] : undefined;
    if (Array.isArray(entries)) for (const entry of entries) flat.push({ scope, entry });
    else silent[scope] = content;
  }
  const page: Record<string, unknown> = offset === 0 ? { ...silent } : {};
  for (const [scope, group] of Map.groupBy(flat.slice(offset, offset + size), (one) => one.scope)) {
    const content = isObject(items[scope]) ? items[scope] : {};
    page[scope] = { ...content, [inner]: group.map(({ entry }) => entry) };
  }
  return { body: { ...whole, items: page }, isLast: offset + size >= flat.length };
}
