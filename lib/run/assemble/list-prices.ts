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
