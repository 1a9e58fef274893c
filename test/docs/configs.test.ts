import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../lib/config/load.ts';
import { configSchema } from '../../lib/config/schema.ts';
import { pages } from './pages.ts';

const KEYS: ReadonlySet<string> = new Set(Object.keys(configSchema.shape));

/** Every part of a config that a page shows: YAML, or indented lines that begin with a section of the config. */
const snippets = pages().flatMap(({ path, blocks }) =>
  blocks
    .filter(
      ({ language, text }) =>
        language === 'yaml' || (language === 'indented' && KEYS.has(/^(\w+):/.exec(text)?.[1] ?? '')),
    )
    .map(({ text, line }) => ({ where: `${path}:${line}`, text })),
);

test('pages show configs', () => {
  expect(snippets.length).toBeGreaterThan(20);
});

describe.each(snippets)('$where', ({ where, text }) => {
  test('is a config that is taken', () => {
    const value: unknown = parse(text);
    const whole =
      typeof value === 'object' && value !== null && 'schemaVersion' in value
        ? text
        : `schemaVersion: 1\n${text}`;
    expect(() => parseConfig(whole, where)).not.toThrow();
  });
});

test('a key that is none would be noticed', () => {
  expect(() => parseConfig('schemaVersion: 1\npolices: []', 'here')).toThrow('polices');
});
