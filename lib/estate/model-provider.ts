/** Whose a resource is. */
export type Provider = 'aws' | 'gcp' | 'azure' | 'openai' | 'anthropic' | 'postgres' | 'other';
