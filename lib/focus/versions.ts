import { FOCUS_COLUMNS, OWN_COLUMNS, REQUIRED_TO_READ } from './columns.ts';

export type FocusVersion = '1.0' | '1.1' | '1.2' | '1.3' | '1.4';

/**
 * Columns that came after 1.2. What has no place in 1.2 is kept as a custom column of the same name with `x_`
 * before it. Source: columns of FOCUS 1.4 (focus_1_4_columns.tsv of the specification's model, June 2026).
 */
const LATER: Readonly<Record<string, '1.3' | '1.4'>> = {
  AllocatedMethodDetails: '1.3',
  AllocatedMethodId: '1.3',
  AllocatedResourceId: '1.3',
  AllocatedResourceName: '1.3',
  AllocatedTags: '1.3',
  ContractApplied: '1.3',
  HostProviderName: '1.3',
  ServiceProviderName: '1.3',
  CommitmentProgramEligibilityDetails: '1.4',
  InvoiceDetailId: '1.4',
};

/** Columns that tell 1.1 and 1.2 from 1.0. Source: the same table, column "since". */
const SINCE: Readonly<Record<string, '1.1' | '1.2'>> = {
  CapacityReservationId: '1.1',
  CapacityReservationStatus: '1.1',
  CommitmentDiscountQuantity: '1.1',
  CommitmentDiscountUnit: '1.1',
  ServiceSubcategory: '1.1',
  SkuMeter: '1.1',
  SkuPriceDetails: '1.1',
  BillingAccountType: '1.2',
  InvoiceId: '1.2',
  PricingCurrency: '1.2',
  PricingCurrencyContractedUnitPrice: '1.2',
  PricingCurrencyEffectiveCost: '1.2',
  PricingCurrencyListUnitPrice: '1.2',
  SubAccountType: '1.2',
};

/**
 * 1.3 deprecates ProviderName and PublisherName and 1.4 drops both: ServiceProviderName names the entity that
 * provides the service and takes over what publisher meant (FOCUS_Spec pull request 1139, October 2025).
 */
const RENAMED: Readonly<Record<string, string>> = {
  ProviderName: 'ServiceProviderName',
  PublisherName: 'ServiceProviderName',
};

/** How the columns of a file become columns of `costs`. */
export interface ColumnMapping {
  readonly version: FocusVersion;
  /** Column of `costs` and the file's columns that may hold it, the first that is not null wins. */
  readonly columns: readonly { readonly target: string; readonly from: readonly string[] }[];
  /** `x_` columns that the file brings and `costs` keeps. */
  readonly custom: readonly { readonly target: string; readonly from: string }[];
  /** Columns that are neither FOCUS nor custom: not kept. */
  readonly dropped: readonly string[];
  /** FOCUS columns that were found under another case. */
  readonly recased: readonly string[];
}

/** Those of the columns without which nothing can be read that a header lacks; empty: it is FOCUS. */
export function missingToRead(header: readonly string[]): string[] {
  const found = new Set(header.map(fold));
  return REQUIRED_TO_READ.filter((name) => !found.has(fold(name)));
}

/** Maps a file's header to FOCUS 1.2. Names match whatever their case; of two equal ones the first is taken. */
export function mapColumns(header: readonly string[]): ColumnMapping {
  const byFold = new Map<string, string>();
  for (const name of header) if (!byFold.has(fold(name))) byFold.set(fold(name), name);
  const used = new Set<string>();
  const recased: string[] = [];
  const find = (name: string): string[] => {
    const found = byFold.get(fold(name));
    if (found === undefined) return [];
    used.add(found);
    if (found.trim() !== name && !recased.includes(found)) recased.push(found);
    return [found];
  };

  const columns = FOCUS_COLUMNS.map(({ name }) => {
    const renamed = RENAMED[name];
    return { target: name, from: [...find(name), ...(renamed === undefined ? [] : find(renamed))] };
  });
  // x_Estimated may come from a source that knows; the other columns of ours are always written anew.
  columns.push({ target: 'x_Estimated', from: find('x_Estimated') });
  for (const { name } of OWN_COLUMNS) find(name);

  const custom: { target: string; from: string }[] = [];
  for (const name of Object.keys(LATER)) {
    if (name === 'ServiceProviderName') continue;
    const [from] = find(name);
    if (from !== undefined) custom.push({ target: `x_${name}`, from });
  }
  const dropped: string[] = [];
  const targets = new Set(custom.map(({ target }) => fold(target)));
  for (const name of byFold.values()) {
    if (used.has(name)) continue;
    if (!/^x_./i.test(name.trim()) || targets.has(fold(name))) dropped.push(name);
    else custom.push({ target: `x_${name.trim().slice(2)}`, from: name });
  }
  return { version: versionOf(byFold), columns, custom, dropped, recased };
}

/** The oldest version that has all the FOCUS columns of a header; 1.4 where it has dropped ProviderName. */
function versionOf(header: ReadonlyMap<string, string>): FocusVersion {
  const has = (name: string): boolean => header.has(fold(name));
  const of = (table: Readonly<Record<string, FocusVersion>>, version: FocusVersion): boolean =>
    Object.keys(table).some((name) => table[name] === version && has(name));
  if (of(LATER, '1.4') || (has('ServiceProviderName') && !has('ProviderName'))) return '1.4';
  if (of(LATER, '1.3')) return '1.3';
  if (of(SINCE, '1.2')) return '1.2';
  return of(SINCE, '1.1') ? '1.1' : '1.0';
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}
