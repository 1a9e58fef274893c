/** Why a rule is broken: the validator's fault, or what the source does not tell. */
type Reasons = Readonly<Record<string, string>>;

const INVOICE = 'its form and that of its twin forbid and demand an InvoiceId on every row: one always fails';
const ISSUER = 'an AWS company that invoices under another name than the provider counts as a third party';
const NO_QUANTITY = 'costs of which the vendor tells no quantity; none is made up';
const NO_ACCOUNT_NAME = 'the name of the billing account is not told';
const NO_PRICE = 'rows of the export without a price, or with one for more than one unit';
const FEE_PRICE = 'a report has no unit price of fees, and of what of a commitment nobody used';

/**
 * Rules of FOCUS 1.2 that what is exported of each kind of source breaks: `validator`, by focus-validator 2.2.1; `own`,
 * by `bursar validate`, which judges rules by their words and row by row. The docs name each of them.
 */
export const EXCEPTIONS = {
  'aws-focus-1.0': {
    validator: {
      'BilledCost-C-005-C': ISSUER,
      'InvoiceId-C-005-C': INVOICE,
      'PricingUnit-C-003-O': "units are in the biller's own words",
      'ServiceName-C-005-C': 'Amazon Elastic Compute Cloud has two categories',
      'ServiceName-C-008-C': 'FOCUS 1.0 has no ServiceSubcategory',
      'ServiceSubcategory-C-002-M': 'FOCUS 1.0 has no ServiceSubcategory',
    },
    own: {
      'BilledCost-C-005-C': ISSUER,
      'ContractedUnitPrice-C-009-C': 'one row of the sample has a negative price',
      'ContractedUnitPrice-C-011-C': 'rows of the sample that cost nothing have a price and a quantity',
      'RegionName-C-005-C': 'rows of the sample have a region without its name',
      'ResourceType-C-004-C': 'rows of the sample have a type without a resource',
      'ResourceType-C-005-C': 'rows of the sample have a resource without its type',
      'ServiceName-C-005-C': 'Amazon Elastic Compute Cloud has two categories',
      'ServiceSubcategory-C-002-M': 'FOCUS 1.0 has no ServiceSubcategory',
    },
  },
  'aws-focus-1.2': {
    validator: { 'BilledCost-C-005-C': ISSUER, 'InvoiceId-C-004-C': INVOICE },
    own: { 'BilledCost-C-005-C': ISSUER },
  },
  'aws-cur': {
    validator: {
      'BilledCost-C-005-C': ISSUER,
      'EffectiveCost-C-005-C': 'a support fee counts as the purchase of a commitment',
      'InvoiceId-C-004-C': INVOICE,
    },
    own: {
      'BilledCost-C-005-C': ISSUER,
      'ContractedUnitPrice-C-006-C': FEE_PRICE,
      'ListUnitPrice-C-005-C': FEE_PRICE,
    },
  },
  'aws-cost-explorer': {
    validator: {
      'ChargeDescription-C-003-O': 'no description is told, and none is made up',
      'InvoiceId-C-005-C': INVOICE,
    },
    own: { 'BillingAccountName-C-003-C': NO_ACCOUNT_NAME, 'PricingQuantity-C-005-C': 'no quantity is told' },
  },
  openai: {
    validator: { 'InvoiceId-C-005-C': INVOICE },
    own: { 'ConsumedQuantity-C-006-C': NO_QUANTITY, 'PricingQuantity-C-005-C': NO_QUANTITY },
  },
  anthropic: {
    validator: { 'InvoiceId-C-005-C': INVOICE },
    own: { 'ConsumedQuantity-C-006-C': NO_QUANTITY, 'PricingQuantity-C-005-C': NO_QUANTITY },
  },
  'gcp-detailed': {
    validator: {
      'EffectiveCost-C-005-C': 'a fee keeps its cost: which usage it pays for is not told',
      'InvoiceId-C-005-C': INVOICE,
    },
    own: {
      'BillingAccountName-C-003-C': NO_ACCOUNT_NAME,
      'ContractedUnitPrice-C-006-C': NO_PRICE,
      'EffectiveCost-C-005-C': 'a fee keeps its cost: which usage it pays for is not told',
      'EffectiveCost-C-012-C': 'a fee keeps its cost: which usage it pays for is not told',
      'ListUnitPrice-C-005-C': NO_PRICE,
      'PricingQuantity-C-005-C': 'a fee, and what of it nobody used, has no quantity',
      'SkuPriceId-C-005-C': NO_PRICE,
    },
  },
  'gcp-focus': {
    validator: { 'InvoiceId-C-005-C': INVOICE },
    own: { 'BillingAccountName-C-003-C': NO_ACCOUNT_NAME },
  },
} as const satisfies Readonly<Record<string, { validator: Reasons; own: Reasons }>>;

export type Kind = keyof typeof EXCEPTIONS;

/** The rules that an export of this kind may break, and breaks. */
export function expected(kind: Kind): { broken: string[]; own: string[] } {
  const { validator, own } = EXCEPTIONS[kind];
  return { broken: Object.keys(validator).toSorted(), own: Object.keys(own).toSorted() };
}
