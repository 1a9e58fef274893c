import { scopeName } from '../../lib/estate/model.ts';
import { type LoadResult, POISON } from './load.ts';

/** What a load came to, for people, and everything that was lost, done twice or left without a reason. */
export function judge(result: LoadResult): { lines: string[]; faults: string[] } {
  const { tasks, reports, faults: befell, runId } = result;
  const faults: string[] = [];
  const say = (wrong: boolean, what: string) => wrong && faults.push(what);

  const denied = new Set([...befell].filter(([, fault]) => fault === 'denied').map(([id]) => id));
  const scopes = tasks.map(({ scope }) => scopeName(scope));
  const closed = new Set(
    tasks.filter(({ scope }) => denied.has(scope.accountId)).map(({ scope }) => scopeName(scope)),
  );
  for (const [at, scope] of scopes.entries()) {
    const report = reports[at];
    if (report === null || report === undefined || report.task.runId !== runId) {
      faults.push(`${scope} has no report of this run`);
      continue;
    }
    const told = report.coverage.map(({ status, reason }) => `${status} ${reason ?? ''}`).join('; ');
    if (closed.has(scope))
      say(!/^failed .*BursarRead cannot be assumed/.test(told), `${scope} should be refused: ${told}`);
    else say(told.startsWith('failed') || report.failure !== null, `${scope} was not collected: ${told}`);
  }

  const found = Map.groupBy(result.findings, ({ accountId, region }) => `aws:${accountId}:${region}`);
  for (const scope of scopes) {
    const untagged = (found.get(scope) ?? []).filter(
      ({ check, resourceType }) => check === 'untagged' && resourceType === 'aws:ec2:instance',
    );
    const expected = closed.has(scope) ? 0 : 1;
    say(untagged.length !== expected, `${scope} has ${untagged.length} untagged machines, not ${expected}`);
    // What a worker left that was killed stands beside the next look, which alone is read.
    const looks = result.snapshots.get(scope) ?? 0;
    say(expected === 0 ? looks !== 0 : looks < 1, `${scope} has ${looks} snapshots`);
  }
  const looks = [...result.snapshots.values()].reduce((sum, each) => sum + each, 0);
  const once = scopes.length - closed.size;
  say(
    looks > once + result.killedWith,
    `${looks} snapshots of ${once} scopes: something was collected twice`,
  );

  const dead = [...result.dead].toSorted().join('\n');
  say(dead !== [...POISON].toSorted().join('\n'), `the dead letters hold ${dead}`);
  say(result.waiting !== 0, `${result.waiting} messages are left`);
  say(result.killedWith !== 1, 'no worker was killed over a message');
  for (const thrown of result.thrown) faults.push(`a handler threw ${thrown}`);
  const gaps = result.gaps.map(({ scope }) => scope).filter((scope) => !closed.has(scope));
  // What the emulator itself cannot answer is a gap of every scope alike, and told.
  const partial = new Set(
    tasks.flatMap((task, at) =>
      reports[at]?.coverage[0]?.status === 'partial' ? [scopeName(task.scope)] : [],
    ),
  );
  say(
    gaps.some((scope) => !partial.has(scope)),
    `gaps that nobody explains: ${gaps
      .filter((scope) => !partial.has(scope))
      .slice(0, 3)
      .join(', ')}`,
  );
  for (const scope of closed)
    say(!result.gaps.some((gap) => gap.scope === scope), `the audit does not tell that ${scope} is missing`);

  const sorted = result.each.toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)} ms`;
  return {
    faults,
    lines: [
      `tasks planned          ${tasks.length} in ${seconds(result.took.plan)}`,
      `messages delivered     ${result.delivered}, of which ${result.failed} failed and came again`,
      `messages that repeat   ${result.repeated * 2}, none collected again`,
      `queue empty after      ${seconds(result.took.drain)}`,
      `a message took         median ${at(0.5)}, 99 of 100 at most ${at(0.99)}`,
      `scopes collected       ${once - faults.filter((fault) => fault.includes('was not collected')).length} of ${scopes.length}; ${closed.size} refused, with the reason`,
      `snapshots              ${looks}`,
      `findings               ${result.findings.length}`,
      `dead letters           ${result.dead.length}`,
      `audit                  ${seconds(result.took.audit)}, ${result.gaps.length} gaps told`,
      `calls                  ${[...result.calls].map(([name, many]) => `${name} ${many}`).join(', ')}`,
    ],
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
