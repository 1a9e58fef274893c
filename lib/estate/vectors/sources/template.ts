/**
 * Names documents as vectors name them: `{key}` is the key as the source has it, `{path}` the key without the prefix,
 * `{encodedKey}` and `{encodedPath}` the same percent-encoded between the slashes, `{bucket}` the bucket.
 */
export function keyNamer(
  template: string,
  { bucket = '', prefix = '' }: { readonly bucket?: string; readonly prefix?: string } = {},
): (key: string) => string {
  return (key) => {
    const path = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    const values: Readonly<Record<string, () => string>> = {
      bucket: () => bucket,
      key: () => key,
      path: () => path,
      encodedKey: () => encoded(key),
      encodedPath: () => encoded(path),
    };
    return template.replaceAll(
      /\{(bucket|key|path|encodedKey|encodedPath)\}/g,
      (whole, name: string) => values[name]?.() ?? whole,
    );
  };
}

/** As RFC 3986 encodes a path: a lone surrogate, which no encoding has, stays as U+FFFD. */
function encoded(key: string): string {
  return key
    .toWellFormed()
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replaceAll(
        /[!'()*]/g,
        (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
}
