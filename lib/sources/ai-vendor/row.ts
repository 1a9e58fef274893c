import { modelName } from '../../focus/ai/model-name.ts';
import { type ListEstimate, listEstimate } from '../../focus/ai/token-prices.ts';
import { decimalText, parseDecimal } from '../../focus/decimal.ts';
import type { Line, Measure } from './model.ts';

/** The columns that a vendor's rows fill, FOCUS 1.2 and our own. */
export const COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingCategory',
  'PricingCurrency',
  'PricingCurrencyEffectiveCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceDetails',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'x_AiModel',
  'x_AiModelVersion',
  'x_ApiKeyId',
  'x_Estimated',
  'x_InferredColumns',
  'x_ListEstimate',
  'x_ListEstimateSource',
  'x_TokenKind',
  'x_TokenQuantity',
] as const;

export type VendorRow = Readonly<Record<(typeof COLUMNS)[number], string | null>>;

/** What all rows of a vendor's bill share. */
export interface RowContext {
  readonly vendor: 'openai' | 'anthropic';
  /** ProviderName, PublisherName and InvoiceIssuerName: the vendor sells and bills its own. */
  readonly provider: string;
  readonly service: string;
  readonly subAccountType: string;
  readonly account: { readonly id: string; readonly name: string; readonly inferred: boolean };
  readonly subAccountNames: ReadonlyMap<string, string>;
  /** Of usage without a cost. */
  readonly currency: string;
  /** First day that is still estimated, `YYYY-MM-DD`. */
  readonly estimatedFrom: string;
}

const MILLION = 1_000_000;

/** Units as FOCUS writes them, and the meter; tokens are priced by the million (both vendors' price pages, 2026). */
const MEASURES: Readonly<Record<Measure, { unit: string; meter: string; kind: TokenKind | null }>> = {
  input: { unit: 'Tokens', meter: 'Input Tokens', kind: 'input' },
  'cached-input': { unit: 'Tokens', meter: 'Cached Input Tokens', kind: 'cached-input' },
  'cache-write': { unit: 'Tokens', meter: 'Cache Write Tokens', kind: 'cache-write' },
  output: { unit: 'Tokens', meter: 'Output Tokens', kind: 'output' },
  images: { unit: 'Images', meter: 'Images', kind: null },
  characters: { unit: 'Characters', meter: 'Characters', kind: null },
  seconds: { unit: 'Seconds', meter: 'Seconds', kind: null },
  bytes: { unit: 'Bytes', meter: 'Vector Store Bytes', kind: null },
  sessions: { unit: 'Sessions', meter: 'Code Interpreter Sessions', kind: null },
  'file-search-calls': { unit: 'Requests', meter: 'File Search Calls', kind: null },
  'web-search-calls': { unit: 'Requests', meter: 'Web Search Calls', kind: null },
};
type TokenKind = 'input' | 'cached-input' | 'cache-write' | 'output';

/**
 * A line of the bill as a row. The vendors tell what is billed and nothing of list or contracted prices, so
 * ListCost and ContractedCost repeat BilledCost and `x_InferredColumns` names them; there is no commitment in these
 * bills, so EffectiveCost is BilledCost.
 */
export function vendorRow(line: Line, context: RowContext): VendorRow {
  const { charge, day, subAccount, measure } = line;
  const about = measure === null ? null : MEASURES[measure];
  const model = line.model === null ? null : modelName(line.model);
  const amount = amountText(line.amount);
  const currency = charge?.currency ?? context.currency;
  const pricing = pricingOf(line, about);
  // The list is in US dollars, and nothing is converted.
  const estimate = currency === 'USD' ? estimateOf(line, context.vendor, about?.kind ?? null) : null;
  const sku = charge?.description ?? skuOf(line, about?.meter ?? null);
  const month = monthOf(day);
  return {
    BilledCost: amount,
    BillingAccountId: context.account.id,
    BillingAccountName: context.account.name,
    BillingAccountType: 'Organization',
    BillingCurrency: currency,
    BillingPeriodEnd: month.end,
    BillingPeriodStart: month.start,
    ChargeCategory: 'Usage',
    ChargeDescription: sku,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: midnight(Date.parse(`${day}T00:00:00Z`) + 86_400_000),
    ChargePeriodStart: `${day}T00:00:00Z`,
    ConsumedQuantity: line.quantity === null ? null : decimalText(line.quantity),
    ConsumedUnit: line.quantity === null ? null : (about?.unit ?? null),
    ContractedCost: amount,
    EffectiveCost: amount,
    InvoiceIssuerName: context.provider,
    ListCost: amount,
    PricingCategory: 'Standard',
    PricingCurrency: currency,
    PricingCurrencyEffectiveCost: amount,
    PricingQuantity: pricing.quantity,
    PricingUnit: pricing.unit,
    ProviderName: context.provider,
    PublisherName: context.provider,
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: context.service,
    ServiceSubcategory: 'Generative AI',
    SkuId: sku,
    SkuMeter: about?.meter ?? sku,
    SkuPriceDetails: detailsOf(line),
    SkuPriceId: sku,
    SubAccountId: subAccount,
    SubAccountName: subAccount === null ? null : (context.subAccountNames.get(subAccount) ?? subAccount),
    SubAccountType: subAccount === null ? null : context.subAccountType,
    x_AiModel: model?.model ?? null,
    x_AiModelVersion: model?.version ?? null,
    x_ApiKeyId: line.apiKey,
    x_Estimated: String(day >= context.estimatedFrom),
    x_InferredColumns: inferredOf(line, context),
    x_ListEstimate: estimate?.amount ?? null,
    x_ListEstimateSource: estimate?.source ?? null,
    x_TokenKind: about?.kind ?? null,
    x_TokenQuantity: about?.kind == null || line.quantity === null ? null : decimalText(line.quantity),
  };
}

/** A CSV line (RFC 4180): every value quoted, null as an empty unquoted field. */
export function csvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}

/** Plain decimal text; what the table cannot hold stays as it was told, and the lake rejects it by name. */
function amountText(told: string): string {
  const parsed = parseDecimal(told);
  return parsed.ok ? decimalText(parsed.value) : told;
}

function pricingOf({ billed, quantity }: Line, about: { unit: string } | null) {
  const told = billed ?? (quantity === null || about === null ? null : { quantity, unit: about.unit });
  if (told === null) return { quantity: null, unit: null };
  return told.unit === 'Tokens'
    ? { quantity: decimalText(told.quantity.div(MILLION)), unit: `${MILLION} Tokens` }
    : { quantity: decimalText(told.quantity), unit: told.unit };
}

function estimateOf(line: Line, vendor: RowContext['vendor'], kind: TokenKind | null): ListEstimate | null {
  const { withoutCost, model, quantity, variant, tier, context } = line;
  if (!withoutCost || kind === null || model === null || quantity === null) return null;
  return listEstimate({ vendor, model, kind, variant, tier, context, tokens: quantity });
}

/** What stands for a SKU where no cost names one: model and meter. */
function skuOf({ model, variant, tier }: Line, meter: string | null): string {
  const what = [variant, meter].filter((word) => word !== null).join(' ');
  return [tier, model, what].filter((word) => word !== null && word !== '').join(', ');
}

/** FOCUS has no properties for models: those of our own begin with `x_` (FOCUS 1.2, SkuPriceDetails). */
function detailsOf({ model, variant, tier, context, measure, charge }: Line): string | null {
  const details: Record<string, string | null> = {
    x_Model: model,
    x_Measure: measure,
    x_Variant: variant,
    x_ServiceTier: tier,
    x_Context: context,
    x_Surface: charge?.surface ?? null,
  };
  const told = Object.entries(details).filter(([, value]) => value !== null);
  return told.length === 0 ? null : JSON.stringify(Object.fromEntries(told));
}

function inferredOf({ shared }: Line, { account }: RowContext): string {
  const inferred = ['ContractedCost', 'ListCost'];
  if (account.inferred) inferred.unshift('BillingAccountId');
  if (shared) inferred.unshift('BilledCost');
  return inferred.join(',');
}

function monthOf(day: string): { start: string; end: string } {
  const end = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1);
  return { start: `${day.slice(0, 7)}-01T00:00:00Z`, end: midnight(end) };
}

function midnight(time: number): string {
  return `${new Date(time).toISOString().slice(0, 10)}T00:00:00Z`;
}
