import type { Provider } from '../estate/model.ts';

/**
 * Keys that a provider sets itself. They say nothing of the owner's intent, so they never count as tagging.
 * AWS: `aws:` is reserved ("Tag naming limits and requirements", Tagging AWS Resources user guide); AWS bills
 * write their own keys as `aws:...`. Google: labels that start with `goog-` are reserved ("Labels overview").
 * Azure: `hidden-` tags are not shown ("Use tags to organize your Azure resources"); AKS sets `aks-managed-`.
 */
const SYSTEM: Readonly<Partial<Record<Provider, RegExp>>> = {
  aws: /^aws:/,
  gcp: /^goog-/,
  azure: /^(hidden-|aks-managed-|ms-resource-usage$)/i,
};

export function isSystemKey(provider: Provider, key: string): boolean {
  return SYSTEM[provider]?.test(key) ?? false;
}

/** The key as its owner wrote it: CUR 2.0 exports prefix it with `user:`. */
export function bareKey(provider: Provider, key: string): string {
  return provider === 'aws' && key.startsWith('user:') ? key.slice('user:'.length) : key;
}

/** The user's own tags by bare key, without system keys. */
export function ownTags(
  provider: Provider,
  tags: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const key in tags) {
    const bare = bareKey(provider, key);
    if (!isSystemKey(provider, bare)) own.set(bare, tags[key] ?? '');
  }
  return own;
}

/**
 * The form in which a provider can hold a key: Google's label keys are lower case only ("Requirements for
 * labels", Google Cloud Resource Manager), so there `CostCenter` is kept as `costcenter`.
 */
export function keyFor(provider: Provider, key: string): string {
  return provider === 'gcp' ? key.toLowerCase() : key;
}

/** What is left of a word when case, white space, `-`, `_` and `.` do not count: equal means a spelling variant. */
export function fold(word: string): string {
  let folded = folds.get(word);
  if (folded === undefined) {
    folded = word
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\-_.\u200B\uFEFF]+/gu, '');
    if (folds.size >= MOST_FOLDS) folds.clear();
    folds.set(word, folded);
  }
  return folded;
}

/** The same few keys come with every resource: each is folded once, and no more are kept than an estate has. */
const folds = new Map<string, string>();
const MOST_FOLDS = 4096;

/** The placeholder for "any tag of the user's own", where no key is required by name. */
export const ANY_TAG = '*';

/** Which of the required keys are absent or empty; with none required, `*` where no own tag is set. */
export function missingKeys(
  provider: Provider,
  tags: Readonly<Record<string, string>>,
  required: readonly string[],
): string[] {
  if (required.length === 0)
    return [...ownTags(provider, tags).values()].some((value) => value.trim() !== '') ? [] : [ANY_TAG];
  return required.filter((key) => (ownValue(provider, tags, keyFor(provider, key)) ?? '').trim() === '');
}

/** What `ownTags` holds under a key, without making the whole of it: this is asked of every line of a bill. */
function ownValue(
  provider: Provider,
  tags: Readonly<Record<string, string>>,
  wanted: string,
): string | undefined {
  let value: string | undefined;
  for (const key in tags) if (bareKey(provider, key) === wanted) value = tags[key];
  return value === undefined || isSystemKey(provider, wanted) ? undefined : value;
}

/** Are two words one insertion, deletion, replacement or swap of neighbours apart? */
export function oneSlipApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
