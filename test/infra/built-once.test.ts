import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtOnce } from '../../infra/built-once.ts';

let root: string;
let kept: string;
/** States in which something was built, in order. */
let built: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-once-'));
  kept = join(root, 'out', 'lambda-');
  built = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

const lying = () => readdirSync(join(root, 'out')).toSorted();
const text = (folder: string) => readFileSync(join(folder, 'text'), 'utf8');

const fails = () => {
  throw new Error('syntax');
};

/** Builds the text of a state; `meanwhile` happens before it is whole. */
function make(state: () => string, meanwhile: (folder: string) => void = () => undefined) {
  return builtOnce(kept, {
    state,
    build: (folder) => {
      expect(readdirSync(folder)).toEqual([]);
      built.push(state());
      writeFileSync(join(folder, 'text'), state());
      meanwhile(folder);
    },
  });
}

test('one state is built once, another one beside it', () => {
  const [one, again, two] = [make(() => 'one'), make(() => 'one'), make(() => 'two')];
  expect(again).toBe(one);
  expect([text(one), text(two)]).toEqual(['one', 'two']);
  expect(built).toEqual(['one', 'two']);
  expect(lying()).toEqual(['lambda-one', 'lambda-two']);
});

test('what changes while it is built is built again, and nothing is kept by the name of the first state', () => {
  let state = 'before';
  const folder = make(
    () => state,
    () => {
      state = 'after';
    },
  );
  expect(built).toEqual(['before', 'after']);
  expect(text(folder)).toBe('after');
  expect(lying()).toEqual(['lambda-after']);
});

test('what failed leaves nothing, and is tried again', () => {
  expect(() => make(() => 'one', fails)).toThrow('syntax');
  expect(lying()).toEqual([]);
  expect(text(make(() => 'one'))).toBe('one');
});

test('what was broken off is not found', async () => {
  await mkdir(join(root, 'out', 'lambda-one.x1y2z3'), { recursive: true });
  expect(text(make(() => 'one'))).toBe('one');
  expect(built).toEqual(['one']);
});

test('of two at once the first one stays, and both have it', () => {
  let first = '';
  const second = make(
    () => 'one',
    () => {
      first = make(() => 'one');
      writeFileSync(join(first, 'mark'), '');
    },
  );
  expect(second).toBe(first);
  expect(existsSync(join(second, 'mark'))).toBe(true);
  expect(built).toEqual(['one', 'one']);
  expect(lying()).toEqual(['lambda-one']);
});

test('what nobody asked for since a day goes, and nothing that is not of this', async () => {
  const [old, used] = [make(() => 'old'), make(() => 'used')];
  const [others, brokenOff] = [join(root, 'out', 'asset.1'), join(root, 'out', 'lambda-old.x1y2z3')];
  for (const folder of [others, brokenOff]) await mkdir(folder);
  for (const folder of [old, used, others, brokenOff]) utimesSync(folder, 1_700_000_000, 1_700_000_000);
  make(() => 'used');
  make(() => 'new');
  expect(lying()).toEqual(['asset.1', basename(make(() => 'new')), basename(used)].toSorted());
});
