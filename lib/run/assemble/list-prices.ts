import type { Config } from '../../config/schema.ts';

/** Bills of AWS that name resources; of files nobody knows before they are read, but hardly one does not. */
const NAMING: ReadonlySet<string> = new Set(['aws-focus-export', 'aws-cur', 'focus-file']);

/** Are list prices of AWS asked? Only where Cost Explorer, which names no resource, or no bill at all is read. */
export function asksAwsListPrices({ estate, sources }: Pick<Config, 'estate' | 'sources'>): boolean {
  const types = Object.values(sources).map(({ type }) => type);
  return (
    estate.aws !== undefined &&
    (types.includes('aws-cost-explorer') || !types.some((type) => NAMING.has(type)))
  );
}

/** The detailed export and the FOCUS export name resources, the standard export (`gcp_billing_export_v1_`) does not. */
const STANDARD = /\.gcp_billing_export_v1_[^.]*$/;

/** Are list prices of Google Cloud asked? Only where the standard export, or no bill at all, is read. */
export function asksGcpListPrices({ estate, sources }: Pick<Config, 'estate' | 'sources'>): boolean {
  const bills = Object.values(sources);
  const tables = bills.flatMap((source) => (source.type === 'gcp-bigquery' ? [source.table] : []));
  return (
    estate.gcp !== undefined &&
    (tables.some((table) => STANDARD.test(table)) ||
      (tables.length === 0 && bills.every(({ type }) => type !== 'focus-file')))
  );
}
