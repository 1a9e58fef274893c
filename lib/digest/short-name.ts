import type { Finding } from '../ledger/model.ts';
import { plain } from './names.ts';

/**
 * What people call a resource, at most `most` code points: its name, else the end of its id, which tells it from
 * the others (`instance/i-0abc` of an ARN); for a line of the bill its service and the tag that is missing.
 */
export function shortName(
  { resourceName, resourceId }: Pick<Finding, 'resourceName' | 'resourceId'>,
  most: number,
): string {
  const [, account, service, key] = /^account\/([^/]*)\/service\/(.*)\/tag\/(.*)$/s.exec(resourceId) ?? [];
  if (account !== undefined && service !== undefined && key !== undefined)
    return plain(`${service}, no ${key}, ${account}`, most);
  const named = plain(resourceName ?? '', most);
  if (named !== '') return named;
  return ending(plain(resourceId.replace(/^arn:(?:[^:]*:){4}/s, ''), 4096), most);
}

/** The last `most` code points, the first of them `…` where something was cut. */
function ending(text: string, most: number): string {
  const points = Array.from(text);
  return points.length <= most ? text : `…${points.slice(points.length - most + 1).join('')}`;
}
