import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, run } from './install.ts';
import { pythonFor } from './python.ts';

/** The package of Google that carries its discovery documents: what every REST call is and answers. */
const PACKAGE = 'google-api-python-client==2.202.0';
const WHEEL = 'sha256:aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b';
const DOCUMENTS = [
  'compute.v1',
  'cloudbilling.v1',
  'monitoring.v3',
  'aiplatform.v1',
  'recommender.v1',
  'bigquery.v2',
  'iamcredentials.v1',
  'notebooks.v2',
  'tpu.v2',
  'sqladmin.v1',
  'container.v1',
  'cloudresourcemanager.v3',
  'logging.v2',
  'storage.v1',
];

/** A discovery document's schema, as far as answers are checked against it. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

export interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly flatPath?: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, { location: string; required?: boolean }>>;
  readonly response?: { readonly $ref: string };
}

interface Resources {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resources>>;
}

export interface Discovery extends Resources {
  readonly id: string;
  readonly servicePath: string;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly parameters?: Method['parameters'];
}

/** The folder that holds the documents and nothing else of the package. */
export async function installDiscovery(): Promise<string> {
  return await install({
    name: 'google-discovery',
    spec: [PACKAGE, WHEEL, ...DOCUMENTS],
    build: async (target) => {
      const python = await pythonFor('3.11');
      if (python === null)
        throw new Error("Google's discovery documents come by pip: no Python 3.11 or newer");
      const whole = join(target, 'whole');
      const requirement = join(target, 'requirement.txt');
      await writeFile(requirement, `${PACKAGE} --hash=${WHEEL}\n`);
      const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--require-hashes', '--target', whole];
      await run(python.path, [...pip, '-r', requirement]);
      await mkdir(join(target, 'documents'));
      const cache = join(whole, 'googleapiclient', 'discovery_cache', 'documents');
      for (const name of DOCUMENTS) {
        await copyFile(join(cache, `${name}.json`), join(target, 'documents', `${name}.json`));
      }
      await rm(whole, { recursive: true });
    },
  });
}

/** @param names documents to read, such as `bigquery.v2`: without it every one, which are megabytes */
export async function readDiscovery(names: readonly string[] = DOCUMENTS): Promise<readonly Discovery[]> {
  const folder = join(await installDiscovery(), 'documents');
  return await Promise.all(
    names.map(async (name) => {
      const read: Discovery = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'));
      return read;
    }),
  );
}

export function methodsOf(resources: Resources): readonly Method[] {
  return [
    ...Object.values(resources.methods ?? {}),
    ...Object.values(resources.resources ?? {}).flatMap(methodsOf),
  ];
}

/**
 * Everything that makes `value` no answer of this schema, as `/items/0/name: why`: a field that the document
 * does not have, another type, a value that its enum lacks.
 */
export function problemsAgainst(
  schemas: Discovery['schemas'],
  schema: Schema,
  value: unknown,
  path = '',
): string[] {
  if (schema.$ref !== undefined) {
    const named = schemas[schema.$ref];
    if (named === undefined) throw new Error(`the discovery document has no schema ${schema.$ref}`);
    return problemsAgainst(schemas, named, value, path);
  }
  const wrong = (expected: string) => [`${path || '/'}: ${expected} expected, not ${JSON.stringify(value)}`];
  switch (schema.type) {
    case 'any':
      return [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('boolean');
    case 'integer':
      return Number.isInteger(value) ? [] : wrong('integer');
    case 'number':
      return typeof value === 'number' ? [] : wrong('number');
    case 'string':
      return problemsOfText(schema, value).flatMap((expected) => wrong(expected));
    case 'array':
      if (!Array.isArray(value)) return wrong('array');
      return value.flatMap((item, index) =>
        problemsAgainst(schemas, schema.items ?? { type: 'any' }, item, `${path}/${index}`),
      );
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('object');
      return Object.entries(value).flatMap(([key, inner]) => {
        const known = schema.properties?.[key] ?? schema.additionalProperties;
        if (known === undefined) return [`${path}/${key}: the discovery document has no such field`];
        return problemsAgainst(schemas, known, inner, `${path}/${key}`);
      });
    case undefined:
    default:
      throw new Error(`a schema of type ${schema.type} at ${path}`);
  }
}

function problemsOfText(schema: Schema, value: unknown): string[] {
  if (typeof value !== 'string') return ['string'];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`one of ${schema.enum.join(', ')}`];
  // 64-bit integers travel as text (Google, "Type and Format Summary").
  if (/^u?int64$/.test(schema.format ?? '') && !/^-?\d+$/.test(value)) return ['a 64-bit integer as text'];
  if (schema.format === 'google-datetime' && Number.isNaN(Date.parse(value))) return ['a time'];
  return [];
}
