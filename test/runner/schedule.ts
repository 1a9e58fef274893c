/** A piece of the whole test run that runs beside others, and what it takes of an idle machine. */
export interface Job<T> {
  readonly name: string;
  /** How long it lasts alone on two cores: the longest begins first. */
  readonly seconds: number;
  /** Cores that it keeps busy on average; what mostly waits for a server needs less than one. */
  readonly cores: number;
  /** Memory that it holds at most, with its servers and all that it starts. */
  readonly megabytes: number;
  run(): Promise<T>;
}

export interface Machine {
  readonly cores: number;
  readonly megabytes: number;
}

/**
 * Runs all jobs, as many at once as keep the machine's cores busy and no more, so that nothing waits so long for a
 * core that it seems to hang, nor than its memory holds. Of those that fit, the longest begins; one that needs more than
 * there is runs alone.
 * A job that fails stops no other; the first error is thrown once all have ended.
 * @returns what the jobs gave, in the order of the jobs
 */
export async function runJobs<T>(jobs: readonly Job<T>[], machine: Machine): Promise<T[]> {
  const waiting = jobs
    .map((job, at) => ({ job, at }))
    .toSorted((a, b) => b.job.seconds - a.job.seconds || a.at - b.at);
  const results = new Map<number, T>();
  const errors: unknown[] = [];
  const running = new Map<number, { readonly job: Job<T>; readonly ended: Promise<void> }>();
  const taken = (of: 'cores' | 'megabytes') =>
    [...running.values()].reduce((sum, { job }) => sum + job[of], 0);
  const begin = (): boolean => {
    const left = {
      cores: machine.cores - taken('cores'),
      megabytes: machine.megabytes - taken('megabytes'),
    };
    const next = waiting.findIndex(
      ({ job }) => running.size === 0 || (job.cores <= left.cores && job.megabytes <= left.megabytes),
    );
    const [chosen] = next === -1 ? [] : waiting.splice(next, 1);
    if (chosen === undefined) return false;
    const { job, at } = chosen;
    const ended = job
      .run()
      .then((result) => void results.set(at, result))
      .catch((error: unknown) => void errors.push(error))
      .finally(() => running.delete(at));
    running.set(at, { job, ended });
    return true;
  };
  while (waiting.length > 0 || running.size > 0)
    if (!begin()) await Promise.race([...running.values()].map(({ ended }) => ended));
  if (errors.length > 0) throw errors[0];
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
