import type { BillProvider } from '../provider.ts';

/** What kind of AI work a charge is for; `not AI` and `unknown` are the two that are not AI spend. */
export const AI_CLASSES = [
  'GPU compute',
  'training',
  'inference',
  'model API',
  'vector store',
  'data pipeline',
  'feature store',
  'notebook',
  'evaluation',
  'observability',
  'not AI',
  'unknown',
] as const;
export type AiClass = (typeof AI_CLASSES)[number];

/** The classes that add up to what is called AI spend. */
export const AI_SPEND: readonly AiClass[] = AI_CLASSES.filter(
  (each) => each !== 'not AI' && each !== 'unknown',
);

/** Which way a token went; the four are disjoint, as billers charge them. */
export const TOKEN_KINDS = ['input', 'output', 'cached-input', 'cache-write'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/**
 * Texts of a row that rules look at, and the columns that may hold each. A condition holds where any of the
 * columns fulfils it. AWS: x_ServiceCode and x_UsageType of its FOCUS 1.0 and 1.2 exports (AWS Data Exports User
 * Guide, table dictionary, November 2026). Microsoft: x_SkuMeterName and x_SkuDescription (FocusCost
 * 1.2-preview, June 2025).
 */
export const FIELDS = {
  biller: ['ProviderName', 'PublisherName'],
  service: ['ServiceName', 'x_ServiceCode'],
  category: ['ServiceCategory'],
  meter: ['x_UsageType', 'SkuMeter', 'x_SkuMeterName', 'x_SkuDescription', 'ChargeDescription'],
  resourceType: ['ResourceType', 'x_ResourceType'],
  resource: ['ResourceId'],
  charge: ['ChargeCategory'],
} as const;
export type Field = keyof typeof FIELDS;

/** Keys of SkuPriceDetails that name a machine type (FOCUS 1.2, SKU Price Details: InstanceType). */
export const MACHINE_KEY = 'InstanceType';

/**
 * What a rule asks of a row: everything named must hold. A pattern is a regular expression of the subset that
 * JavaScript, RE2 and Java read alike, found anywhere in the text, whatever its case.
 */
export interface Condition extends Readonly<Partial<Record<Field, string | undefined>>> {
  /** The biller by its known names. */
  readonly provider?: Exclude<BillProvider, 'other'> | undefined;
  /** A machine type, as SkuPriceDetails names it. */
  readonly machine?: string | undefined;
  /** Tags by key: the pattern of the value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What all rules carry. */
interface Dated {
  readonly id: string;
  /** First day (UTC, `YYYY-MM-DD`) of charges that it speaks of; left out: all. */
  readonly since?: string | undefined;
  /** First day that it no longer speaks of; left out: it still holds. */
  readonly until?: string | undefined;
  /** Where it is from: the document and its date. */
  readonly source: string;
  readonly when: Condition;
}

/** Names the class of a row. The first rule that holds wins. */
export interface ClassRule extends Dated {
  readonly class: AiClass;
}

/** Part of a text: the first group of a case-sensitive pattern. */
export interface Extract {
  readonly from: 'meter' | 'service';
  readonly pattern: string;
  /** `hyphens`: in lower case, with a hyphen for each blank; for billers that write one name in several ways. */
  readonly write?: 'hyphens';
}

/** Reads model, token kind and number of tokens. The first rule that holds wins. */
export interface TokenRule extends Dated {
  readonly kind: TokenKind;
  readonly model?: Extract;
  readonly version?: Extract;
  /** Tokens in one unit, by a pattern of the whole unit, besides those that name tokens themselves. */
  readonly units?: readonly { readonly unit: string; readonly tokens: number }[];
}

/** Units that name tokens themselves: `Tokens`, `1K tokens`, `1000 Tokens`, `1M tokens`, `1000000 Tokens`. */
export const TOKEN_UNITS: readonly { readonly unit: string; readonly tokens: number }[] = [
  { unit: '(1 )?tokens?', tokens: 1 },
  { unit: '(1 ?k|1,?000|thousand)[ -]?tokens?', tokens: 1000 },
  { unit: '(1 ?m|1,?000,?000|million)[ -]?tokens?', tokens: 1_000_000 },
];
