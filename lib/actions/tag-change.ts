/** One change of the tags of a resource, from an exact fix. */
export type TagChange =
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly value: string }
  | { readonly kind: 'remove'; readonly from: string; readonly to: string; readonly value: string }
  | { readonly kind: 'set'; readonly key: string; readonly value: string };

const TEXT = String.raw`("(?:[^"\\]|\\.)*")`;
const SHAPES: readonly { readonly kind: TagChange['kind']; readonly pattern: RegExp }[] = [
  { kind: 'rename', pattern: new RegExp(`^rename ${TEXT} to ${TEXT} = ${TEXT}$`) },
  { kind: 'remove', pattern: new RegExp(`^remove ${TEXT}: ${TEXT} = ${TEXT} says the same$`) },
  { kind: 'set', pattern: new RegExp(`^set ${TEXT} = ${TEXT}$`) },
];

/** Reads a fix as the check tag-policy writes it into its evidence; null where it is not word for word one. */
export function parseFix(text: string): TagChange | null {
  for (const { kind, pattern } of SHAPES) {
    const words = pattern.exec(text)?.slice(1).map(unquote);
    if (words === undefined) continue;
    const [a, b, c] = words;
    if (a == null || b == null) return null;
    if (kind === 'set') return { kind, key: a, value: b };
    return c == null ? null : { kind, from: a, to: b, value: c };
  }
  return null;
}

function unquote(quoted: string): string | null {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : null;
  } catch {
    // What is no JSON text is no fix of ours.
    return null;
  }
}

/** The exact fixes among a finding's evidence, in order of name; null where one of them cannot be read. */
export function fixesOf(evidence: Readonly<Record<string, string>>): TagChange[] | null {
  const names = Object.keys(evidence)
    .filter((name) => name.startsWith('fix of '))
    .toSorted();
  const changes = names.map((name) => parseFix(evidence[name] ?? ''));
  return changes.some((change) => change === null) ? null : changes.filter((change) => change !== null);
}

/**
 * Words of keys that protect, approve or exempt, however they are written, and the keys that AWS and Bursar keep
 * for themselves: who may write these could lift a protection or grant an exemption.
 */
const FORBIDDEN =
  /^aws|^bursar|protect|exempt|approv|donot|dont|never|keep|^hold|legalhold|retain|retention|delet/;

/** Why this key is never written; null where it may be. `protectedTags`: keys that the config protects by. */
export function forbidden(key: string, protectedTags: readonly string[]): string | null {
  const folded = fold(key);
  if (protectedTags.some((one) => fold(one) === folded))
    return `${JSON.stringify(key)} protects what carries it`;
  return FORBIDDEN.test(folded) ? `${JSON.stringify(key)} may protect, approve or exempt` : null;
}

/** Case, spaces and punctuation aside, and letters that only look different (Unicode NFKC). */
function fold(key: string): string {
  return key
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The tags after the changes, in order. */
export function changed(
  tags: Readonly<Record<string, string>>,
  changes: readonly TagChange[],
): Readonly<Record<string, string>> {
  const after = new Map(Object.entries(tags));
  for (const change of changes) {
    if (change.kind === 'set') after.set(change.key, change.value);
    else {
      after.delete(change.from);
      after.set(change.to, change.value);
    }
  }
  return Object.fromEntries(after);
}
