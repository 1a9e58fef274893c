/**
 * One Cost Explorer result as a FOCUS 1.2 row. Cost Explorer knows far less than an export, and a row says so:
 *
 * - UnblendedCost is BilledCost, AmortizedCost is EffectiveCost, in the API's own decimal text.
 * - ListCost and ContractedCost are unknown; FOCUS lets neither be null, so they repeat BilledCost.
 * - ChargeCategory is that of its group of record types (record-types.ts): one query a group. A purchase row's
 *   EffectiveCost is what of its commitments went unused, and what fees cover nothing later.
 * - ServiceCategory is `Other`, which FOCUS asks for where no category is known; the publisher and the issuer
 *   are taken to be AWS.
 *
 * `x_InferredColumns` names what a row only supposes. `x_Estimated` is the API's `Estimated`: the day may change.
 */
import type { Group, MetricValue } from '@aws-sdk/client-cost-explorer';
import { parseDecimal } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { RecordGroup } from './record-types.ts';
import { billingPeriodOf } from './window.ts';

export const COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SubAccountId',
  'SubAccountName',
  'x_Estimated',
  'x_InferredColumns',
] as const;

export type CostRow = Readonly<Record<(typeof COLUMNS)[number], string | null>>;

const INFERRED =
  'ChargeFrequency,ContractedCost,InvoiceIssuerName,ListCost,PublisherName,ServiceCategory,ServiceSubcategory';

/** What a row needs besides its group. */
export interface RowContext {
  readonly where: string;
  readonly billingAccountId: string;
  /** `YYYY-MM-DD`, half-open. */
  readonly day: { readonly start: string; readonly end: string };
  readonly estimated: boolean;
  readonly group: RecordGroup;
  /** Names of linked accounts, as far as the answer told them. */
  readonly accountNames: ReadonlyMap<string, string>;
}

/**
 * The row of one group of one day; null where the group holds nothing at all (zero, without a currency).
 * Throws `unavailable` where the answer lacks what was asked for: a missing amount is never taken for zero.
 */
export function costRow(group: Group, context: RowContext): CostRow | null {
  const [account, service, ...more] = group.Keys ?? [];
  if (account === undefined || service === undefined || more.length > 0)
    throw odd(
      context,
      `a group with the keys ${JSON.stringify(group.Keys ?? null)} instead of account, service`,
    );
  const billed = amountOf(group.Metrics?.['UnblendedCost'], 'UnblendedCost', context);
  const effective = amountOf(group.Metrics?.['AmortizedCost'], 'AmortizedCost', context);
  if (billed.zero && effective.zero && billed.currency === null && effective.currency === null) return null;
  const currency = billed.currency ?? effective.currency;
  if (currency === null || (effective.currency !== null && effective.currency !== currency))
    throw odd(
      context,
      `costs of ${service} in the units ${JSON.stringify([billed.currency, effective.currency])} instead of one currency`,
    );
  const period = billingPeriodOf(context.day.start);
  return {
    BilledCost: billed.text,
    BillingAccountId: context.billingAccountId,
    BillingCurrency: currency,
    BillingPeriodEnd: midnight(period.end),
    BillingPeriodStart: midnight(period.start),
    ChargeCategory: context.group.chargeCategory,
    ChargeClass: context.group.chargeClass,
    ChargeFrequency: context.group.chargeFrequency,
    ChargePeriodEnd: midnight(context.day.end),
    ChargePeriodStart: midnight(context.day.start),
    ContractedCost: billed.text,
    EffectiveCost: effective.text,
    InvoiceIssuerName: 'AWS',
    ListCost: billed.text,
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    ServiceCategory: 'Other',
    ServiceName: service,
    ServiceSubcategory: 'Other (Other)',
    SubAccountId: account,
    SubAccountName: context.accountNames.get(account) ?? null,
    x_Estimated: String(context.estimated),
    x_InferredColumns: INFERRED,
  };
}

/** A CSV line (RFC 4180): every value quoted, null as an empty unquoted field. */
export function csvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}

/** Is there money in this total? Throws where it is no number. */
export function hasMoney(metric: MetricValue): boolean {
  const parsed = parseDecimal(metric.Amount ?? '0');
  return !parsed.ok || !parsed.value.isZero();
}

interface Amount {
  readonly text: string;
  readonly zero: boolean;
  readonly currency: string | null;
}

function amountOf(metric: MetricValue | undefined, name: string, context: RowContext): Amount {
  const text = metric?.Amount;
  if (text === undefined) throw odd(context, `a group without ${name}`);
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw odd(context, `a ${name} that is ${parsed.reason}`);
  const unit = metric?.Unit ?? '';
  return { text, zero: parsed.value.isZero(), currency: /^[A-Z]{3}$/.test(unit) ? unit : null };
}

function odd(context: RowContext, what: string): BursarError {
  return new BursarError('unavailable', `Cost Explorer answered for ${context.day.start} with ${what}`, {
    where: context.where,
    hint: 'Nothing of this run was kept; run again, and report it if it stays.',
  });
}

function midnight(day: string): string {
  return `${day}T00:00:00Z`;
}
