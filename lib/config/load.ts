import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BursarError } from '../platform/errors.ts';
import { knownKeys } from './known-keys.ts';
import { meaningProblems } from './meaning.ts';
import { expectedWords, problemsOf } from './problems.ts';
import { CONFIG_VERSION, type Config, configSchema, defaultConfig } from './schema.ts';
import { redact } from './secrets.ts';
import { type Problem, type Read, readYaml } from './yaml.ts';

export const DEFAULT_FILE = 'bursar.yaml';
/** Far more than any config; a wrong path to a bill must not be read into memory. */
const MOST_BYTES = 4_000_000;

/**
 * The config of a file, or `fallback` where there is none: `path` null means `bursar.yaml` in `cwd` where it
 * exists. A path that was given must exist. Relative paths are the caller's.
 * @throws BursarError 'config' that lists everything that is wrong, each with line and column
 */
export async function loadConfig(
  path: string | null,
  cwd: string,
  fallback: () => Config = defaultConfig,
): Promise<Config> {
  const file = path ?? DEFAULT_FILE;
  const bytes = await read(resolve(cwd, file), file, path === null);
  return bytes === null ? fallback() : parseConfig(decode(bytes, file), file);
}

/** Reads a config from its text; `file` is how errors name it. */
export function parseConfig(text: string, file: string): Config {
  const yaml = readYaml(text);
  if (yaml.value === undefined) throw wrong(yaml.problems, file);
  if (isMappingOrNothing(yaml.value) && !Object.hasOwn(yaml.value ?? {}, 'schemaVersion'))
    throw wrong([...yaml.problems, { line: 1, column: 1, message: MISSING_VERSION }], file);
  const newer = newerVersion(yaml);
  if (newer !== null) throw wrong([...yaml.problems, newer], file);

  const parsed = configSchema.safeParse(yaml.value, { error: expectedWords });
  // What is wrong with the text itself is told once: a secret is no wrong value besides.
  const told = new Set(yaml.problems.map(({ line, column }) => `${line}:${column}`));
  const problems = [
    ...yaml.problems,
    ...(parsed.success
      ? meaningProblems(parsed.data).map(({ path, message }) => ({ ...yaml.place(path, 'value'), message }))
      : parsed.error.issues.flatMap((issue) => problemsOf(issue, yaml, (path) => knownKeys(path, yaml.value)))
    )
      .filter(({ line, column }) => !told.has(`${line}:${column}`))
      .filter(isFirst),
  ];
  if (!parsed.success || problems.length > 0) throw wrong(problems, file);
  return parsed.data;
}

/** One fault may be found by several rules that say the same of it. */
function isFirst({ line, message }: Problem, at: number, all: readonly Problem[]): boolean {
  return all.findIndex((each) => each.line === line && each.message === message) === at;
}

const MISSING_VERSION = `schemaVersion is missing: begin the file with "schemaVersion: ${CONFIG_VERSION}"`;

function isMappingOrNothing(value: unknown): value is object | null {
  return typeof value === 'object' && !Array.isArray(value);
}

function newerVersion(yaml: Read): Problem | null {
  const { value } = yaml;
  const version: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'schemaVersion') : undefined;
  if (typeof version !== 'number' || !Number.isInteger(version) || version <= CONFIG_VERSION) return null;
  return {
    ...yaml.place(['schemaVersion'], 'value'),
    message: `schemaVersion ${version} is newer than what this version of bursar reads (${CONFIG_VERSION}): update bursar`,
  };
}

async function read(path: string, file: string, optional: boolean): Promise<Buffer | null> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= MOST_BYTES) return bytes;
    throw new BursarError('config', `${bytes.length} bytes are no config`, {
      where: file,
      hint: 'Give --config the YAML file; bills go to --bills.',
    });
  } catch (error) {
    if (error instanceof BursarError || !(error instanceof Error) || !('code' in error)) throw error;
    if (optional && error.code === 'ENOENT') return null;
    const said =
      error.code === 'ENOENT'
        ? 'there is no such file'
        : error.code === 'EISDIR'
          ? 'this is a folder, not a file'
          : error.message;
    throw new BursarError('config', said, {
      where: file,
      hint: 'Give the path of a config file, from the folder that you are in, or leave it out.',
      cause: error,
    });
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BursarError('config', 'the file is not UTF-8 text', {
      where: file,
      hint: 'Save it as UTF-8.',
      cause,
    });
  }
}

/** One error for all that is wrong, in order of the text. */
function wrong(problems: readonly Problem[], file: string): BursarError {
  const lines = problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${redact(message)}`);
  const [only] = lines;
  const text = lines.length === 1 ? `${only}` : `${lines.length} things are wrong:\n${lines.join('\n')}`;
  return new BursarError('config', text, { hint: 'See docs/config.md for every key.' });
}
