import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Collected, Scope } from '../model.ts';
import type { GcpRequest, GcpSession } from './session.ts';

/** A call, with the right that it needs as the dataset declares it. */
export interface GcpAsk extends Omit<GcpRequest, 'permission'> {
  readonly permission: Permission;
}

/**
 * One answer in the shape of its discovery document; what the shape leaves out is dropped on arrival.
 * @throws BursarError (unavailable) where the answer is something else than documented; what `get` throws
 */
export async function ask<S extends z.ZodType>(
  session: GcpSession,
  meter: Meter,
  shape: S,
  { permission, ...request }: GcpAsk,
): Promise<z.output<S>> {
  const answer = shape.safeParse(await session.get({ ...request, permission: permission.action }, meter));
  if (answer.success) return answer.data;
  const [issue] = answer.error.issues;
  throw new BursarError(
    'unavailable',
    `${request.call} answered with something else than documented: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    { where: `gcp:${session.projectId}`, hint: 'Check the endpoint.', cause: answer.error },
  );
}

/**
 * Every page of a list.
 * @throws BursarError (unavailable) where a page token comes twice, which would never end; what `ask` throws
 */
export async function* pages<S extends z.ZodType<{ nextPageToken?: string | undefined }>>(
  session: GcpSession,
  meter: Meter,
  shape: S,
  request: GcpAsk,
): AsyncGenerator<z.output<S>> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await ask(session, meter, shape, {
      ...request,
      params: { ...request.params, ...(token === undefined ? {} : { pageToken: token }) },
    });
    yield page;
    token = page.nextPageToken === '' ? undefined : page.nextPageToken;
    if (token !== undefined && seen.has(token))
      throw new BursarError('unavailable', `${request.call} gave the same page token twice`, {
        where: `gcp:${session.projectId}`,
        hint: 'Run again, and report it if it stays.',
      });
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

/** A shape that reads the field `name` of an answer as `things`: the same code reads lists of any kind. */
export function renamed<S extends z.ZodType>(name: string, shape: S): z.ZodPreprocess<S> {
  return z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null ? { ...value, things: Reflect.get(value, name) } : value,
    shape,
  );
}

/** What was found, where nothing is missing. @throws IncompleteError with what was found where something is. */
export function whole(
  collected: Collected,
  missing: readonly string[],
  what: string,
  scope: Scope,
): Collected {
  if (missing.length === 0) return collected;
  throw new IncompleteError(
    'unavailable',
    `${what} are not complete: ${[...new Set(missing)].join('; ')}`,
    collected,
    { where: `gcp:${scope.accountId}`, hint: 'Look again later; what was seen is kept.' },
  );
}

/** A part of a walk that failed, told; a login that is over fails the whole walk, and a defect is thrown. */
export function toldFault(part: string, error: unknown): string {
  if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
  return `${part}: ${error.message}`;
}

/** Labels, or none: resources of Google carry them by different names. */
export const labels = z.record(z.string(), z.string()).optional();

/** 64-bit integers travel as text (Google, "Type and Format Summary"): as a number where it is exact, else null. */
export function integer(text: string | undefined): number | null {
  const value = Number(text ?? '');
  return text !== undefined && text !== '' && Number.isSafeInteger(value) ? value : null;
}

/** RFC 3339 with an offset as ISO-8601 UTC; null where there is none or it cannot be read. */
export function utc(timestamp: string | undefined): string | null {
  const time = Date.parse(timestamp ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The name at the end of a resource's URL or path. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** `us-central1-a` of `projects/p/locations/us-central1-a/instances/i`; `global` where the name has no location. */
export function locationOf(name: string): string {
  return /\/(?:locations|zones|regions)\/([^/]+)/.exec(name)?.[1] ?? 'global';
}

/** The project id in place of the project number that several APIs put into names. */
export function ownName(session: GcpSession, service: string, name: string): string {
  return `//${service}/${name.replace(/^projects\/[^/]+/, `projects/${session.projectId}`)}`;
}
