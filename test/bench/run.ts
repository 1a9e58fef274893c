import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TASKS } from './tasks.ts';

type Tasks = typeof TASKS;
type Result<K extends keyof Tasks> = Awaited<ReturnType<Tasks[K]>>;

/** Runs a task in a process of its own and gives what it measured. */
export async function task<K extends keyof Tasks>(
  name: K,
  given: Parameters<Tasks[K]>[0],
): Promise<Result<K>> {
  const child = join(import.meta.dirname, 'child.ts');
  const { stdout } = await node([child, name, JSON.stringify(given)]);
  const result: Result<K> = JSON.parse(stdout);
  return result;
}

/** Runs Node with these arguments; its standard output and how long it took from start to end, in ms. */
export async function node(args: readonly string[]): Promise<{ stdout: string; ms: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`node ${args.slice(0, 2).join(' ')} ended with ${code}: ${stderr.trim()}`);
  return { stdout, ms: performance.now() - start };
}
