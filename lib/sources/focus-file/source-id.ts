import { createHash } from 'node:crypto';

/**
 * The id of a source that only its path names: readable, fit for a folder name, the same in every run for the
 * same text of the path (`./a//b/` is `a/b`), another for another path.
 */
export function sourceIdOf(path: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9]+:\/\/)?(.*)$/is.exec(path) ?? [];
  const segments: string[] = [];
  for (const segment of rest.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..' && segments.length > 0 && segments.at(-1) !== '..') segments.pop();
    else segments.push(segment);
  }
  const normal =
    scheme.toLowerCase() + (scheme === '' && rest.startsWith('/') ? '/' : '') + segments.join('/');
  const readable = segments
    .slice(-2)
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-40)
    .replace(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(normal).digest('hex').slice(0, 10);
  return readable === '' ? `bills-${hash}` : `${readable}-${hash}`;
}
