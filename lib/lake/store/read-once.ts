import type { Store, Stored } from './model.ts';

/** A store that remembers what it gave, until it is told to forget. */
export interface ReadOnce extends Store {
  readonly forget: () => void;
}

/** What is replaced where it lies, and small: everything else never changes, and may be large. */
const MANIFEST = /\/manifest\.json$/;

/**
 * The same store, which gives folders and manifests from memory once they were asked for: a digest asks its lake some
 * eighty questions, and with each of them a bucket was asked for every manifest again. For one use case alone, which then
 * sees one state of the bills, whatever is collected meanwhile; what it writes itself it sees at once.
 */
export function readOnce(store: Store): ReadOnce {
  const folders = new Map<string, Promise<string[]>>();
  const manifests = new Map<string, Promise<Stored | null>>();
  const forget = () => {
    folders.clear();
    manifests.clear();
  };
  const written = <T>(writing: Promise<T>): Promise<T> => writing.finally(forget);
  return {
    shownAs: store.shownAs,
    permissions: store.permissions,
    forget,
    get: (key) => (MANIFEST.test(key) ? once(manifests, key, () => store.get(key)) : store.get(key)),
    folders: async (prefix) => [...(await once(folders, prefix, () => store.folders(prefix)))],
    list: (prefix) => store.list(prefix),
    toLocal: (key, bytes) => store.toLocal(key, bytes),
    put: (key, body) => written(store.put(key, body)),
    putIf: (key, body, version) => written(store.putIf(key, body, version)),
    delete: (keys) => written(store.delete(keys)),
    fromLocal: (path, key) => written(store.fromLocal(path, key)),
  };
}

/** What failed is asked for again. */
function once<T>(known: Map<string, Promise<T>>, what: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(what);
  if (before !== undefined) return before;
  const asked = ask();
  known.set(what, asked);
  asked.catch(() => {
    if (known.get(what) === asked) known.delete(what);
  });
  return asked;
}
