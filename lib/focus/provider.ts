/** Providers as findings and facts name them. */
export type BillProvider = 'aws' | 'gcp' | 'azure' | 'openai' | 'anthropic' | 'other';

/**
 * Names that bills write in ProviderName, in lower case: those of the FOCUS sample data (1.0, 1.2: "AWS",
 * "Microsoft", "Microsoft Azure", "Google Cloud"), the vendors' full names and common short forms of them. A name
 * that is not here is `other`, never guessed.
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
