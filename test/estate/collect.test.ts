import { expect, test } from 'vitest';
import { collectAll, collectScope } from '../../lib/estate/collect.ts';
import { IncompleteError } from '../../lib/estate/incomplete.ts';
import type { Collected, Dataset, Earlier, Resource, Scope, VectorGap } from '../../lib/estate/model.ts';
import { vectorPart } from '../../lib/estate/model-vectors.ts';
import { vectorIndex } from '../../lib/estate/vector-index.ts';
import { gapOf } from '../../lib/platform/coverage.ts';
import { BursarError, SwitchedOffError } from '../../lib/platform/errors.ts';
import { Meter } from '../../lib/platform/meter.ts';

const now = new Date('2026-11-20T10:30:00Z');
const scope = (accountId: string): Scope => ({ provider: 'gcp', accountId, region: 'global' });

function resource(id: string): Resource {
  return {
    provider: 'gcp',
    accountId: 'p',
    region: 'global',
    type: 't',
    id,
    name: null,
    state: 's',
    created: null,
    tags: {},
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {},
  };
}

function dataset(
  id: string,
  collect: (earlier: Earlier) => Collected | Promise<Collected>,
  needs?: readonly string[],
): Dataset<string> {
  return {
    id,
    permissions: [],
    ...(needs === undefined ? {} : { needs }),
    collect: async (_scope, _session, _now, earlier) => await collect(earlier),
  };
}

const fails = (id: string, needs?: readonly string[]) =>
  dataset(
    id,
    () => {
      throw new BursarError('denied', `${id} was denied`, { hint: 'Allow it.' });
    },
    needs,
  );

const off = (id: string) =>
  dataset(id, () => {
    throw new SwitchedOffError('denied', `the API of ${id} is not enabled`);
  });

async function look(datasets: readonly Dataset<string>[]) {
  return await collectScope(scope('p'), 'session', datasets, now, new Meter());
}

test('each dataset is given what those that it needs found, and nothing else', async () => {
  const taken = await look([
    dataset('a', () => ({ resources: [resource('1')] })),
    dataset('b', ({ resources }) => ({ resources: resources.map(({ id }) => resource(`${id}b`)) }), ['a']),
    dataset('other', ({ resources }) => ({ resources: resources.map(({ id }) => resource(`${id}x`)) })),
    dataset('c', ({ resources }) => ({ resources: resources.map(({ id }) => resource(`${id}c`)) }), [
      'a',
      'b',
    ]),
  ]);
  expect(taken.resources.map(({ id }) => id)).toEqual(['1', '1b', '1c', '1bc']);
  expect(taken.coverage).toEqual([
    { scope: 'gcp:p', status: 'complete', reason: null, asOf: now.toISOString() },
  ]);
});

test('a few run at once; what comes out is in the order of the registry, whichever ended first', async () => {
  let running = 0;
  let most = 0;
  const ended: string[] = [];
  const after = (id: string, turns: number, needs?: readonly string[]) =>
    dataset(
      id,
      async () => {
        most = Math.max(most, ++running);
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        running--;
        ended.push(id);
        if (turns % 2 === 1) throw new BursarError('denied', `${id} was denied`);
        return { resources: [resource(id)] };
      },
      needs,
    );
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const taken = await look([...names.map((id, at) => after(id, 60 - at * 9)), after('last', 2, ['a'])]);
  expect(most).toBe(4);
  expect(ended.indexOf('d')).toBeLessThan(ended.indexOf('a'));
  expect(ended.at(-1)).toBe('last');
  expect(taken.resources.map(({ id }) => id)).toEqual(['a', 'c', 'e', 'last']);
  expect(taken.coverage[0]).toMatchObject({
    incomplete: ['b', 'd', 'f'],
    reason: 'b: b was denied\nd: d was denied\nf: f was denied',
  });
});

test('what stands before its need is a defect that is told, not a wait without end', async () => {
  const taken = await look([dataset('b', () => ({}), ['a']), dataset('a', () => ({}), ['b'])]);
  expect(taken.coverage[0]?.reason).toBe(
    'b: a defect: it stands before a, which it needs\na: not looked at, since b failed',
  );
});

test('one dataset that fails leaves the others and makes the scope partial', async () => {
  const taken = await look([fails('a'), dataset('b', () => ({ resources: [resource('1')] }))]);
  expect(taken.resources).toHaveLength(1);
  expect(taken.coverage).toEqual([
    {
      scope: 'gcp:p',
      status: 'partial',
      reason: 'a: a was denied. Allow it.',
      asOf: now.toISOString(),
      incomplete: ['a'],
    },
  ]);
});

test('where every dataset fails the scope has failed, as of no time', async () => {
  const taken = await look([fails('a'), fails('b')]);
  expect(taken.coverage[0]).toMatchObject({
    status: 'failed',
    asOf: null,
    reason: 'a: a was denied. Allow it.\nb: b was denied. Allow it.',
  });
});

test('a dataset whose need failed is not run, nor what needs it in turn', async () => {
  const ran: string[] = [];
  const watched = (id: string, needs: readonly string[]) =>
    dataset(
      id,
      () => {
        ran.push(id);
        return {};
      },
      needs,
    );
  const taken = await look([fails('a'), watched('b', ['a']), watched('c', ['b']), watched('d', [])]);
  expect(ran).toEqual(['d']);
  expect(taken.coverage[0]?.status).toBe('partial');
  expect(taken.coverage[0]?.reason).toContain('c: not looked at, since b failed');
});

test('what an incomplete dataset saw is kept, and what needs it still runs', async () => {
  const taken = await look([
    dataset('a', () => {
      throw new IncompleteError('unavailable', 'one zone is missing', { resources: [resource('1')] });
    }),
    dataset('b', ({ resources }) => ({ resources: resources.map(({ id }) => resource(`${id}b`)) }), ['a']),
  ]);
  expect(taken.resources.map(({ id }) => id)).toEqual(['1', '1b']);
  expect(taken.coverage[0]).toMatchObject({ status: 'partial', reason: 'a: one zone is missing' });
  const alone = await look([
    dataset('a', () => {
      throw new IncompleteError('unavailable', 'one zone is missing', {});
    }),
  ]);
  expect(alone.coverage[0]?.status).toBe('partial');
});

test('a defect is told as one and does not take the others with it', async () => {
  const taken = await look([
    dataset('a', () => {
      throw new TypeError('x is not a function');
    }),
    dataset('b', () => ({ resources: [resource('1')] })),
  ]);
  expect(taken.resources).toHaveLength(1);
  expect(taken.coverage[0]?.reason).toMatch(
    /^a: a defect: TypeError: x is not a function at .*collect\.test\.ts/,
  );
});

test('scopes are looked at at once, never more than allowed, and come back in their order', async () => {
  let running = 0;
  let most = 0;
  const slow = dataset('a', async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return {};
  });
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  const steps: (number | undefined)[] = [];
  const progress = {
    step: (_: string, done?: number) => void steps.push(done),
    warn: () => undefined,
  };
  const taken = await collectAll(
    names.map(scope),
    async ({ accountId }) => {
      if (accountId === 'p3') throw new BursarError('denied', 'the role p3 cannot be assumed');
      return accountId;
    },
    [slow],
    now,
    new Meter(),
    { concurrency: 4, progress },
  );
  expect(taken.map((one) => one.scope.accountId)).toEqual(names);
  expect(most).toBe(4);
  expect(steps).toEqual(names.map((_, index) => index + 1));
  expect(
    taken.filter(({ coverage }) => coverage[0]?.status !== 'complete').map((one) => one.coverage),
  ).toEqual([[{ scope: 'gcp:p3', status: 'failed', reason: 'the role p3 cannot be assumed', asOf: null }]]);
});

test('when time is up the rest of the scopes are told as not looked at', async () => {
  const over = new AbortController();
  const stopping = dataset('a', () => {
    over.abort();
    return new Promise<Collected>(() => undefined);
  });
  const taken = await collectAll([scope('p1'), scope('p2')], async () => '', [stopping], now, new Meter(), {
    concurrency: 1,
    signal: over.signal,
  });
  expect(taken.map(({ coverage }) => coverage[0]?.status)).toEqual(['failed', 'failed']);
  for (const { coverage } of taken) expect(coverage[0]?.reason).toContain('when the time for looking was up');
});

test('what is switched off is not covered and no gap; what needs it looks at what else it needs', async () => {
  const given: string[][] = [];
  const measures = (id: string, needs: readonly string[]) =>
    dataset(
      id,
      ({ resources }) => {
        given.push(resources.map((each) => each.id));
        return {};
      },
      needs,
    );
  const { coverage } = await look([
    dataset('machines', () => ({ resources: [resource('m')] })),
    off('notebooks'),
    measures('of-both', ['machines', 'notebooks']),
    measures('of-notebooks', ['notebooks']),
  ]);
  expect(coverage).toEqual([
    {
      scope: 'gcp:p',
      status: 'complete',
      reason: null,
      asOf: now.toISOString(),
      switchedOff: ['notebooks', 'of-notebooks'],
    },
  ]);
  expect(given).toEqual([['m']]);
  expect(gapOf(coverage, 'gcp:p#machines')).toBeNull();
  expect(gapOf(coverage, 'gcp:p#notebooks')).toBe('notebooks is not there to be asked in gcp:p');

  const beside = await look([off('notebooks'), fails('machines')]);
  expect(beside.coverage).toMatchObject([{ status: 'failed', asOf: null }]);
  expect(beside.coverage[0]?.reason).toContain('the API of notebooks is not enabled');
});

const index = (name: string, gaps: readonly VectorGap[]) =>
  vectorIndex({
    store: 'docs',
    storeType: 'pgvector',
    provider: 'postgres',
    accountId: 'h:5432',
    region: 'global',
    dataset: 'vectors',
    id: `postgres://h:5432/d/${name}`,
    index: name,
    gaps,
  });

test('documents of an index that could not be read are told once a reason, and the rest stands', async () => {
  const denied = { of: 'documents', why: 'Its source s3://docs/ could not be read.', failed: true } as const;
  const { coverage } = await look([
    dataset('vectors', () => ({
      vectorIndexes: [
        index('good', [{ of: 'queries', why: 'Nobody counts them.' }]),
        ...['a', 'b#c', 'd', 'e', 'f'].map((name) => index(name, [denied])),
        index('wrong', [{ ...denied, why: 'It has no column key.' }]),
      ],
    })),
  ]);
  expect(coverage).toMatchObject([
    {
      status: 'partial',
      reason: [
        'documents of a, b#c, d and 2 more: Its source s3://docs/ could not be read.',
        'documents of wrong: It has no column key.',
      ].join('\n'),
    },
  ]);
  const unread = (of: VectorGap['of'], name: string) =>
    gapOf(coverage, `gcp:p#${vectorPart(of, `postgres://h:5432/d/${name}`)}`) !== null;
  expect(unread('documents', 'b#c')).toBe(true);
  expect(unread('documents', 'wrong')).toBe(true);
  expect(unread('documents', 'good')).toBe(false);
  expect(unread('queries', 'b#c')).toBe(false);
  expect(gapOf(coverage, 'gcp:p#vectors')).toBeNull();
});

test.for<[string, BursarError[], string[] | undefined]>([
  [
    'throttled throughout',
    [new BursarError('throttled', 'a'), new BursarError('throttled', 'b')],
    ['throttled'],
  ],
  [
    'denied and throttled',
    [new BursarError('denied', 'a'), new BursarError('throttled', 'b')],
    ['denied', 'throttled'],
  ],
])('a scope of which nothing was read tells every kind of failure: %s', async ([, errors, kinds]) => {
  const datasets = [];
  for (const [at, error] of errors.entries()) datasets.push(dataset(`d${at}`, () => Promise.reject(error)));
  const taken = await collectScope(scope('p'), '', datasets, now, new Meter());
  expect(taken.blindBy).toEqual(kinds);
  // What needs a dataset that failed adds no kind of its own.
  const more = [...datasets, dataset('after', () => ({}), ['d0'])];
  expect((await collectScope(scope('p'), '', more, now, new Meter())).blindBy).toEqual(kinds);
});

test('a scope of which something was read, or that is wholly read, tells no kind of failure', async () => {
  const throttled = dataset('fails', () => Promise.reject(new BursarError('throttled', 'a')));
  const found = dataset('found', () => ({ resources: [resource('1')] }));
  for (const datasets of [[throttled, found], [found]])
    expect((await collectScope(scope('p'), '', datasets, now, new Meter())).blindBy).toBeUndefined();
});

const refused = () => Promise.reject(new BursarError('unavailable', 'no answer'));

test('a scope that cannot be entered tells why as a kind of failure', async () => {
  const [taken] = await collectAll([scope('p')], refused, [dataset('d', () => ({}))], now, new Meter());
  expect(taken?.blindBy).toEqual(['unavailable']);
});
