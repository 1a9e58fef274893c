import type { SecretRef } from '../../config/schema.ts';
import { type Examined, unread } from './examined.ts';
import { readSecret } from './secrets.ts';

/**
 * Every secret of AWS Secrets Manager that the config names, read as the functions read it: is it there, does it hold a
 * text, under its key? Nothing of what it holds is told. Where it may not be read from here, nobody can tell.
 * @param config whole; what names an environment variable is of the machine that reads it, and left out
 */
export async function examineSecrets(config: object): Promise<Examined[]> {
  const named = new Map<string, { readonly reference: SecretRef; readonly where: string[] }>();
  for (const [where, reference] of references(config, '')) {
    const of = JSON.stringify([reference.secret, reference.key ?? null]);
    named.set(of, { reference, where: [...(named.get(of)?.where ?? []), where] });
  }
  const examined: Examined[] = [];
  for (const { reference, where } of named.values()) {
    const what = `secret of ${where.join(', ')}`;
    try {
      await readSecret(reference, what);
      examined.push({ what, state: 'works', told: 'is there', todo: null });
    } catch (error) {
      examined.push(unread(what, error));
    }
  }
  return examined;
}

type Stored = Extract<SecretRef, { readonly secret: string }>;

/** With where each stands: `slack.token`. */
function references(value: unknown, path: string): [string, Stored][] {
  if (typeof value !== 'object' || value === null) return [];
  if (isStored(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    references(inner, path === '' ? key : `${path}.${key}`),
  );
}

function isStored(value: object): value is Stored {
  return (
    'secret' in value &&
    typeof value.secret === 'string' &&
    /^arn:[^:]+:secretsmanager:/.test(value.secret) &&
    (!('key' in value) || value.key === undefined || typeof value.key === 'string')
  );
}
