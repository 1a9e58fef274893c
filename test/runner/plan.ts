import { glob } from 'node:fs/promises';
import { join } from 'node:path';

/** The vitest projects of vitest.config.ts, in the order in which they are run. */
export const PROJECTS = [
  'unit',
  'long',
  'pack',
  'moto',
  'dynamodb',
  'slack',
  'ministack',
  'readme',
  'cfnlint',
  'gcp',
  'pglite',
  'postgres',
  'focus',
  'journey',
  'browser',
  'trino',
  'bigquery',
  'vendors',
  'opensearch',
  'milvus',
] as const;
export type Project = (typeof PROJECTS)[number];

/** How many test files each project has; a project without any is left out: it is neither run nor an error. */
export async function plan(root: string = join(import.meta.dirname, '..')): Promise<Map<Project, number>> {
  const found = new Map<Project, number>();
  for await (const file of glob('**/*.test.ts', { cwd: root })) {
    const project = projectOf(file);
    found.set(project, (found.get(project) ?? 0) + 1);
  }
  return new Map(PROJECTS.flatMap((name) => (found.has(name) ? [[name, found.get(name) ?? 0]] : [])));
}

/** `x.moto.test.ts` is of project `moto`; without such a word it is of `unit`. */
export function projectOf(file: string): Project {
  return PROJECTS.find((name) => name !== 'unit' && file.endsWith(`.${name}.test.ts`)) ?? 'unit';
}
