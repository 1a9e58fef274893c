import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BursarError } from '../../lib/platform/errors.ts';
import { parseTask, type Task, taskKey } from '../../lib/run/tasks.ts';

const someTask: fc.Arbitrary<Task> = fc.oneof(
  fc.record({
    schemaVersion: fc.constant(1 as const),
    runId: fc.string(),
    kind: fc.constant('bill' as const),
    sourceId: fc.string(),
  }),
  fc.record({
    schemaVersion: fc.constant(1 as const),
    runId: fc.string(),
    kind: fc.constant('estate' as const),
    scope: fc.record({
      provider: fc.constantFrom('aws' as const, 'gcp' as const, 'postgres' as const),
      accountId: fc.string(),
      region: fc.string(),
    }),
  }),
);

describe('a queue message', () => {
  it('gives back the task that was sent', () => {
    fc.assert(
      fc.property(someTask, (task) => {
        expect(parseTask(JSON.stringify(task))).toEqual(task);
      }),
    );
  });

  it('is refused in words, whatever else it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(() => parseTask(body)).toThrow(BursarError);
      }),
    );
  });

  it.each([
    ['not JSON', '{', 'not JSON'],
    ['of a newer version', '{"schemaVersion":2,"kind":"bill","runId":"r","sourceId":"a"}', 'schemaVersion 2'],
    ['without its run', '{"schemaVersion":1,"kind":"bill","sourceId":"a"}', 'not a task'],
    ['of an unknown kind', '{"schemaVersion":1,"kind":"sweep","runId":"r"}', 'not a task'],
    [
      'with half a scope',
      '{"schemaVersion":1,"kind":"estate","runId":"r","scope":{"provider":"aws"}}',
      'not a task',
    ],
    ['with a number for an id', '{"schemaVersion":1,"kind":"bill","runId":"r","sourceId":1}', 'not a task'],
  ])('%s: refused', (_what, body, said) => {
    expect(() => parseTask(body)).toThrow(said);
  });

  it('tells bills from scopes by its key, and is the same in every run', () => {
    const bill: Task = { schemaVersion: 1, runId: 'a', kind: 'bill', sourceId: 'main' };
    expect(taskKey(bill)).toBe('bill:main');
    expect(taskKey({ ...bill, runId: 'b' })).toBe(taskKey(bill));
    const scope = { provider: 'aws', accountId: '111122223333', region: 'eu-west-1' } as const;
    expect(taskKey({ schemaVersion: 1, runId: 'a', kind: 'estate', scope })).toBe(
      'aws:111122223333:eu-west-1',
    );
  });
});
