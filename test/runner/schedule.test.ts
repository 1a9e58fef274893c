import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Job, type Machine, runJobs } from './schedule.ts';

const machine: Machine = { cores: 2, jobs: 4 };

/** Jobs that note when they begin and end, and end one after the other in an order of their own. */
function watched(all: readonly Pick<Job<string>, 'name' | 'seconds' | 'cores'>[], cores: number) {
  const began: string[] = [];
  const running = new Map<string, number>();
  let most = 0;
  let busiest = 0;
  const jobs = all.map((each) => ({
    ...each,
    run: async () => {
      began.push(each.name);
      running.set(each.name, each.cores);
      most = Math.max(most, running.size);
      const busy = [...running.values()].reduce((sum, one) => sum + one, 0);
      if (running.size > 1) busiest = Math.max(busiest, busy);
      for (let turn = 0; turn < each.seconds; turn += 1) await Promise.resolve();
      running.delete(each.name);
      return each.name;
    },
  }));
  return { jobs, began, most: () => most, isWithin: () => busiest <= cores + 1e-9 };
}

test('the longest begin first, and what waits for a server runs beside what keeps the cores busy', async () => {
  const { jobs, began } = watched(
    [
      { name: 'short', seconds: 1, cores: 1 },
      { name: 'waits', seconds: 90, cores: 0.5 },
      { name: 'wide', seconds: 40, cores: 2 },
      { name: 'one', seconds: 30, cores: 1 },
    ],
    2,
  );
  expect(await runJobs(jobs, machine)).toEqual(['short', 'waits', 'wide', 'one']);
  expect(began).toEqual(['waits', 'one', 'short', 'wide']);
});

test('a job that fails stops none, and is not lost', async () => {
  const ended: string[] = [];
  const job = (name: string, seconds: number, error?: Error): Job<void> => ({
    name,
    seconds,
    cores: 1,
    run: async () => {
      await Promise.resolve();
      if (error !== undefined) throw error;
      ended.push(name);
    },
  });
  const jobs = [job('a', 1), job('b', 9, new Error('no disk')), job('c', 5)];
  await expect(runJobs(jobs, machine)).rejects.toThrow('no disk');
  expect(ended.toSorted()).toEqual(['a', 'c']);
});

test('whatever the jobs: each runs once, and never more than the machine has', async () => {
  const job = fc.record({ seconds: fc.nat(20), cores: fc.constantFrom(0.3, 0.5, 1, 1.5, 2, 8) });
  const size = fc.record({ cores: fc.constantFrom(1, 2, 4), jobs: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 12 }), size, async (all, at) => {
      const named = all.map((each, index) => ({ ...each, name: String(index) }));
      const { jobs, began, most, isWithin } = watched(named, at.cores);
      expect(await runJobs(jobs, at)).toEqual(named.map(({ name }) => name));
      expect(began.toSorted()).toEqual(named.map(({ name }) => name).toSorted());
      expect(most()).toBeLessThanOrEqual(at.jobs);
      expect(isWithin()).toBe(true);
    }),
  );
});
