import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasSharedData, sharedData } from '../shared.ts';
import { isObject, type Json } from './json.ts';

export interface Recording {
  /** `instance-query` */
  readonly folder: string;
  /** `get-compute-v1-projects-cloud-custodian-aggregated-instances`: a request is looked up by this. */
  readonly key: string;
  /** What the API answered, one after the other (`_1`, `_2`). */
  readonly bodies: readonly Json[];
}

/** What a recorded request is filed under: `GET /v1/a/b` is `get-v1-a-b`. */
export function recordingKey(method: string, path: string): string {
  return `${method.toLowerCase()}${decodeURIComponent(path).replace(/[/:]/g, '-')}`;
}

/** Several folders answer the same path; the plain queries come first. */
const rank = (folder: string): number => (folder.endsWith('-query') ? 0 : 1);

/** Every real answer under `../shared/data/recordings/gcp`; none where the shared data is absent. */
export function readRecordings(): readonly Recording[] {
  if (!hasSharedData) return [];
  const root = sharedData('recordings', 'gcp');
  const folders = readdirSync(root).toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return folders.flatMap((folder) => {
    const files = readdirSync(join(root, folder)).toSorted();
    const byKey = Map.groupBy(files, (file) => file.replace(/_\d+\.json$/, ''));
    return [...byKey].map(([key, ones]) => ({
      folder,
      key,
      bodies: ones.map((file) => {
        const read: unknown = JSON.parse(readFileSync(join(root, folder, file), 'utf8'));
        const body = isObject(read) ? read['body'] : undefined;
        return isObject(body) ? body : {};
      }),
    }));
  });
}
