/** Providers as findings and facts name them. */
export type BillProvider = 'aws' | 'gcp' | 'azure' | 'openai' | 'anthropic' | 'other';

/**
 * Names that bills write in ProviderName, in lower case. AWS Data Exports write "AWS" (AWS Data Exports user guide,
 * "FOCUS 1.2 with AWS columns"), Microsoft Cost Management "Microsoft" (FOCUS cost and usage details schema), the
 * FOCUS sample data of November 2024 "AWS", "Microsoft", "Google Cloud", "Oracle".
 */
const NAMES: Readonly<Record<Exclude<BillProvider, 'other'>, readonly string[]>> = {
  aws: ['aws', 'amazon web services', 'amazon web services, inc.', 'amazon'],
  azure: ['microsoft', 'azure', 'microsoft azure', 'microsoft corporation'],
  gcp: ['google cloud', 'google cloud platform', 'gcp', 'google'],
  openai: ['openai', 'openai, llc', 'openai, l.l.c.'],
  anthropic: ['anthropic', 'anthropic, pbc'],
};

const PROVIDERS = new Map(
  Object.entries(NAMES).flatMap(([provider, names]) => names.map((name) => [name, provider])),
);

/** The provider that a bill's ProviderName means; `other` for a name that is not known, null or empty. */
export function providerOf(name: string | null): BillProvider {
  const found = PROVIDERS.get(name?.trim().toLowerCase() ?? '');
  return isProvider(found) ? found : 'other';
}

function isProvider(value: string | undefined): value is Exclude<BillProvider, 'other'> {
  return value !== undefined && Object.hasOwn(NAMES, value);
}

/** All names of a provider, in lower case: for a query that filters by it. */
export function namesOf(provider: Exclude<BillProvider, 'other'>): readonly string[] {
  return NAMES[provider];
}
