import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Job, type Machine, runJobs } from './schedule.ts';

const machine: Machine = { cores: 2, megabytes: 4_000 };

/** Jobs that note when they begin and end, and end one after the other in an order of their own. */
function watched(all: readonly Omit<Job<string>, 'run'>[], { cores, megabytes }: Machine) {
  const began: string[] = [];
  const running = new Map<string, Omit<Job<string>, 'run'>>();
  const most = { cores: 0, megabytes: 0 };
  const jobs = all.map((each) => ({
    ...each,
    run: async () => {
      began.push(each.name);
      running.set(each.name, each);
      for (const of of ['cores', 'megabytes'] as const) {
        const taken = [...running.values()].reduce((sum, one) => sum + one[of], 0);
        if (running.size > 1) most[of] = Math.max(most[of], taken);
      }
      for (let turn = 0; turn < each.seconds; turn += 1) await Promise.resolve();
      running.delete(each.name);
      return each.name;
    },
  }));
  return { jobs, began, isWithin: () => most.cores <= cores + 1e-9 && most.megabytes <= megabytes };
}

test('the longest begin first, and what waits for a server runs beside what keeps the cores busy', async () => {
  const { jobs, began } = watched(
    [
      { name: 'short', seconds: 1, cores: 1, megabytes: 500 },
      { name: 'waits', seconds: 90, cores: 0.5, megabytes: 500 },
      { name: 'wide', seconds: 40, cores: 2, megabytes: 500 },
      { name: 'one', seconds: 30, cores: 1, megabytes: 500 },
    ],
    machine,
  );
  expect(await runJobs(jobs, machine)).toEqual(['short', 'waits', 'wide', 'one']);
  expect(began).toEqual(['waits', 'one', 'short', 'wide']);
});

test('what the memory does not hold waits, though cores are free, and what is larger than it runs alone', async () => {
  const { jobs, began, isWithin } = watched(
    [
      { name: 'huge', seconds: 90, cores: 0.1, megabytes: 9_000 },
      { name: 'server', seconds: 40, cores: 0.1, megabytes: 3_000 },
      { name: 'large', seconds: 30, cores: 0.1, megabytes: 1_500 },
      { name: 'small', seconds: 20, cores: 0.1, megabytes: 1_000 },
    ],
    machine,
  );
  await runJobs(jobs, machine);
  expect(began).toEqual(['huge', 'server', 'small', 'large']);
  expect(isWithin()).toBe(true);
});

test('a job that fails stops none, and is not lost', async () => {
  const ended: string[] = [];
  const job = (name: string, seconds: number, error?: Error): Job<void> => ({
    name,
    seconds,
    cores: 1,
    megabytes: 500,
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
  const job = fc.record({
    seconds: fc.nat(20),
    cores: fc.constantFrom(0.3, 0.5, 1, 1.5, 2, 8),
    megabytes: fc.constantFrom(100, 500, 1_000, 3_000, 9_000),
  });
  const size = fc.record({
    cores: fc.constantFrom(1, 2, 4),
    megabytes: fc.constantFrom(500, 2_000, 4_000, 8_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 12 }), size, async (all, at) => {
      const named = all.map((each, index) => ({ ...each, name: String(index) }));
      const { jobs, began, isWithin } = watched(named, at);
      expect(await runJobs(jobs, at)).toEqual(named.map(({ name }) => name));
      expect(began.toSorted()).toEqual(named.map(({ name }) => name).toSorted());
      expect(isWithin()).toBe(true);
    }),
  );
});
