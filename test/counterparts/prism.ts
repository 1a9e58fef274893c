import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { parse } from 'yaml';
import { z } from 'zod';
import { hasSharedData, sharedData } from '../shared.ts';
import { install, run } from './install.ts';
import { answers, freePort, launch, type Running } from './server.ts';

/** Stoplight Prism, which speaks an OpenAPI document: it refuses requests and answers that are not of it. */
export const PRISM = '@stoplight/prism-cli@5.14.2';

const PINS = join(import.meta.dirname, 'pins', 'prism');

/** The folder of the installation: every package as the lock file has it. */
export async function installPrism(): Promise<string> {
  const lock = await readFile(join(PINS, 'package-lock.json'), 'utf8');
  return await install({
    name: 'prism',
    spec: [PRISM, lock],
    build: async (folder) => {
      for (const file of ['package.json', 'package-lock.json'])
        await copyFile(join(PINS, file), join(folder, file));
      // `npm ci` fails where a package is not what the lock file says, by its hash.
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
      });
    },
  });
}

const Document = z.looseObject({
  basePath: z.string().optional(),
  paths: z.record(z.string(), z.unknown()),
});

/** OpenAI's published interface with the `/v1` that its server's address ends in: Prism looks at paths alone. */
async function openAiDocument(): Promise<string> {
  const document = Document.parse(
    JSON.parse(await readFile(sharedData('specs', 'openai_organization.json'), 'utf8')),
  );
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [`/v1${path}`, item]),
  );
  return JSON.stringify({ ...document, paths });
}

/** A published interface, and a path that anybody may ask for once it is spoken. */
export interface PrismDocument {
  readonly name: string;
  readonly text: () => Promise<string>;
  readonly ready: string;
}

const OPENAI: PrismDocument = {
  name: 'openai.json',
  text: openAiDocument,
  ready: '/v1/organization/projects',
};

/** A file of the shared data as it is, with the base of its paths: Prism looks at paths alone. */
export function published(file: string): PrismDocument {
  const text = async () => {
    const whole = await readFile(sharedData('specs', file), 'utf8');
    const { basePath, paths, ...rest } = Document.parse(parse(whole, { maxAliasCount: -1 }));
    if (basePath === undefined) return whole;
    const based = Object.entries(paths).map(([path, item]) => [`${basePath}${path}`, item] as const);
    return JSON.stringify({ ...rest, paths: Object.fromEntries(based) });
  };
  // What is documented may be refused without a key, in several ways; what is not is not found.
  return { name: file, text, ready: '/not-documented' };
}

/** Prism on a free port: `mock` answers by itself, `proxy` lets `upstream` answer; both refuse what is not documented. */
export async function startPrism(
  folder: string,
  how: { mode: 'mock' } | { mode: 'proxy'; upstream: string },
  document: PrismDocument = OPENAI,
): Promise<Running & { readonly url: string }> {
  const port = await freePort();
  const file = join(folder, `${process.pid}-${port}-${document.name}`);
  await writeFile(file, await document.text());
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `prism-${how.mode}`,
    command: process.execPath,
    args: [
      join(folder, 'node_modules', '@stoplight', 'prism-cli', 'dist', 'index.js'),
      how.mode,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--errors',
      file,
      ...(how.mode === 'proxy' ? [how.upstream] : []),
    ],
    ready: () => answers(`${url}${document.ready}`),
  });
  return { ...running, url };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await installPrism();
  project.provide('prismFolder', folder);
  if (!hasSharedData) return async () => undefined;
  const mock = await startPrism(folder, { mode: 'mock' });
  project.provide('prismUrl', mock.url);
  return mock.stop;
}
