/** What of a source tells its address. */
export type Named =
  | { readonly type: 's3' | 'gcs'; readonly bucket: string; readonly prefix: string }
  | { readonly type: 'postgres'; readonly table: string }
  | { readonly type: 'manifest'; readonly path: string };

/** Address of a source as findings show it: `s3://bucket/prefix`, `postgres:schema.table`, a manifest's path. */
export function listingName(source: Named): string {
  switch (source.type) {
    case 's3':
      return `s3://${source.bucket}/${source.prefix}`;
    case 'gcs':
      return `gs://${source.bucket}/${source.prefix}`;
    case 'postgres':
      return `postgres:${source.table}`;
    case 'manifest':
      return source.path;
  }
}
