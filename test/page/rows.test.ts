import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageFinding } from '../../lib/digest/page-model.ts';
import {
  FACETS,
  narrowed,
  SORTS,
  type SortKey,
  searchTexts,
  sorted,
  unpacked,
  type Wanted,
} from '../../lib/page/rows.ts';

const EVERYTHING: Wanted = {
  text: '',
  check: '',
  verdict: '',
  state: '',
  severity: '',
  provider: '',
  owner: '',
};

function row(changes: Partial<PageFinding> = {}): PageFinding {
  return {
    id: 'f-a',
    check: 'idle-gpu',
    verdict: 'IDLE',
    severity: 'high',
    state: 'detected',
    confidence: 'high',
    provider: 'aws',
    account: '111122223333',
    region: 'us-east-1',
    type: 'aws:ec2:instance',
    resource: 'i-0aaa',
    title: 'trainer',
    owner: 'ana@acme.example',
    age: 12,
    cost: '$900',
    basis: 'billed',
    saving: '$900',
    costRank: 0,
    savingRank: 0,
    reason: 'No device passed 1%.',
    evidence: [],
    blind: [],
    more: null,
    ...changes,
  };
}

test('rows come back as they were packed', async () => {
  const rows = { findings: [row({ title: 'שלום <b>' })], spend: [] };
  expect(await unpacked(gzipSync(JSON.stringify(rows)).toString('base64'))).toEqual(rows);
});

test('a search finds rows that have every word somewhere, whatever its case', () => {
  const rows = [
    row({ id: 'f-a', title: 'llm-trainer' }),
    row({ id: 'f-b', title: 'render', region: 'eu-central-1' }),
  ];
  const find = (text: string) =>
    narrowed(rows, searchTexts(rows), { ...EVERYTHING, text }).map(({ id }) => id);
  expect(find('TRAINER')).toEqual(['f-a']);
  expect(find('eu-central idle')).toEqual(['f-b']);
  expect(find(' ')).toEqual(['f-a', 'f-b']);
  expect(find('.*')).toEqual([]);
});

test('an owner is narrowed to by a part of the name, and so is that there is none', () => {
  const rows = [row({ id: 'f-a' }), row({ id: 'f-b', owner: '' })];
  const find = (owner: string) =>
    narrowed(rows, searchTexts(rows), { ...EVERYTHING, owner }).map(({ id }) => id);
  expect(find('ana')).toEqual(['f-a']);
  expect(find('no known')).toEqual(['f-b']);
});

const any = fc.array(
  fc.record({
    check: fc.constantFrom('idle-gpu', 'untagged'),
    severity: fc.constantFrom('critical', 'high', 'medium', 'low'),
    provider: fc.constantFrom('aws', 'gcp'),
    owner: fc.constantFrom('', 'ana', 'bo'),
    age: fc.nat(40),
    savingRank: fc.nat(1000),
    costRank: fc.nat(1000),
    title: fc.string({ maxLength: 4 }),
  }),
  { maxLength: 30 },
);

test('whatever is wanted: rows that have it and no others, in their order', () => {
  fc.assert(
    fc.property(
      any,
      fc.constantFrom('', 'idle-gpu'),
      fc.constantFrom('', 'gcp'),
      (parts, check, provider) => {
        const rows = parts.map((part, at) => row({ ...part, id: `f-${at}` }));
        const found = narrowed(rows, searchTexts(rows), { ...EVERYTHING, check, provider });
        const has = (each: PageFinding) =>
          (check === '' || each.check === check) && (provider === '' || each.provider === provider);
        expect(found).toEqual(rows.filter(has));
      },
    ),
  );
});

test('each sort holds every row, and turned round it is the other way about', () => {
  fc.assert(
    fc.property(any, fc.constantFrom(...SORTS), (parts, by) => {
      const rows = parts.map((part, at) => row({ ...part, id: `f-${at}` }));
      const way = sorted(rows, { by, reversed: false });
      expect(new Set(way)).toEqual(new Set(rows));
      const key = ({ severity, check, owner, title, age, savingRank, costRank }: PageFinding) =>
        ({ saving: savingRank, cost: costRank, severity, age, title: title.toLowerCase(), check, owner })[by];
      const back = sorted(rows, { by, reversed: true });
      expect(back.map(key)).toEqual(way.map(key).toReversed());
    }),
  );
});

function rising(values: readonly number[]): void {
  expect(values).toEqual(values.toSorted((a, b) => a - b));
}

test('what a reader would first want stands first: the dearest, the gravest, the oldest, owners before nobody', () => {
  fc.assert(
    fc.property(any, (parts) => {
      const rows = parts.map((part, at) => row({ ...part, id: `f-${at}` }));
      const by = (key: SortKey) => sorted(rows, { by: key, reversed: false });
      rising(by('saving').map(({ savingRank }) => savingRank));
      rising(by('cost').map(({ costRank }) => costRank));
      rising(by('age').map(({ age }) => -age));
      rising(by('severity').map(({ severity }) => ['critical', 'high', 'medium', 'low'].indexOf(severity)));
      rising(by('owner').map(({ owner }) => Number(owner === '')));
    }),
  );
});

test('what rows may be narrowed to is a field of every row', () => {
  for (const facet of FACETS) expect(typeof row()[facet]).toBe('string');
});
