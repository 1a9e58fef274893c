import { z } from 'zod';
import { BursarError } from '../../../platform/errors.ts';
import type { Meter } from '../../../platform/meter.ts';
import type { Permission } from '../../../platform/permissions.ts';
import { pages } from '../../gcp/read.ts';
import type { GcpSession } from '../../gcp/session.ts';
import type { Listed } from '../documents.ts';
import { Listing, type ListingLimits } from './limits.ts';
import { listingName } from './name.ts';
import { keyNamer } from './template.ts';

export interface GcsDocuments {
  readonly bucket: string;
  /** What the names begin with. */
  readonly prefix: string;
  /** Which of what Cloud Storage tells of the content the vectors' metadata hold. */
  readonly content: 'md5Hash' | 'crc32c' | 'etag' | 'generation';
  /** How vectors name a document. */
  readonly as: string;
}

/** A listing is a Class A operation, $0.005 per 1,000 of Standard storage in a region (Cloud Storage documentation, "Pricing examples"; November 2026). */
export const GCS_DOCUMENTS_PERMISSION: Permission = {
  cloud: 'gcp',
  action: 'storage.objects.list',
  why: 'lists the documents that vectors were made of',
  price: '0.005 USD per 1,000 requests',
};

const Page = z.object({
  nextPageToken: z.string().optional(),
  items: z
    .array(
      z.object({
        name: z.string(),
        timeCreated: z.string().optional(),
        size: z.string().optional(),
        md5Hash: z.string().optional(),
        crc32c: z.string().optional(),
        etag: z.string().optional(),
        generation: z.string().optional(),
      }),
    )
    .default([]),
});

/**
 * Objects of a Cloud Storage bucket: live versions alone; no object is read. The time is when this generation was
 * written (`timeCreated`): `updated` moves with metadata too. Objects that were composed have no `md5Hash`
 * (Cloud Storage JSON API, Objects resource).
 * @throws BursarError as `GcpSession.get`, with the bucket as its place
 */
export async function listGcs(
  session: GcpSession,
  source: GcsDocuments,
  { now, meter, limits }: { readonly now: Date; readonly meter: Meter; readonly limits: ListingLimits },
): Promise<Listed> {
  const listing = new Listing('gcs', listingName({ type: 'gcs', ...source }), limits);
  const name = keyNamer(source.as, source);
  try {
    const found = pages(session, meter, Page, {
      call: 'storage.objects.list',
      service: 'https://storage.googleapis.com',
      path: `/storage/v1/b/${encodeURIComponent(source.bucket)}/o`,
      params: {
        maxResults: '1000',
        fields: `nextPageToken,items(name,timeCreated,size,${source.content})`,
        ...(source.prefix === '' ? {} : { prefix: source.prefix }),
      },
      permission: GCS_DOCUMENTS_PERMISSION,
    });
    for await (const { items, nextPageToken } of found) {
      for (const { name: key, timeCreated, size, ...told } of items) {
        if (key.endsWith('/') && size === '0') continue;
        const written = Date.parse(timeCreated ?? '');
        const more = listing.add(
          name(key),
          Number.isNaN(written) ? null : written,
          told[source.content] ?? null,
        );
        if (!more) return listing.result(now);
      }
      if (nextPageToken !== undefined && !listing.hasTime()) break;
    }
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    throw new BursarError(error.code, error.message, {
      where: `gs://${source.bucket}`,
      ...(error.hint === null ? {} : { hint: error.hint }),
      cause: error,
    });
  }
  return listing.result(now);
}
