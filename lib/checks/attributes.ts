import type { Resource } from '../estate/model.ts';

/** An attribute that is a number; null where it is none. */
export function numberOf({ attributes }: Resource, name: string): number | null {
  const value = attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** An attribute that is a text; null where it is none. */
export function textOf({ attributes }: Resource, name: string): string | null {
  const value = attributes[name];
  return typeof value === 'string' ? value : null;
}

/** An attribute that is a time, in milliseconds since 1970; null where it is none. */
export function timeOf(resource: Resource, name: string): number | null {
  const at = Date.parse(textOf(resource, name) ?? '');
  return Number.isNaN(at) ? null : at;
}
