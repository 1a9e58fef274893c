import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { explanationOf, idle } from './explained.ts';
import { PARTS, type Part } from './parts.ts';
import { isUndetected, type Mutant, mutantsOf } from './report.ts';
import { documented, LEAST_SCORE, scores, tableOf } from './tables.ts';

const Former = z.looseObject({
  files: z.record(z.string(), z.looseObject({ mutants: z.array(z.looseObject({ status: z.string() })) })),
});

const ROOT = resolve(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules/.cache/bursar-stryker');
const DOCUMENT = join(ROOT, 'docs/mutation-testing.md');
/** Sandboxes, outside the project; see stryker.config.mjs. */
const WORKSHOP = join(tmpdir(), 'bursar-stryker');

const { values } = parseArgs({
  options: {
    /** Names of parts, separated by commas; all of them without it. */
    only: { type: 'string', default: '' },
    /** Forgets what former runs found. */
    fresh: { type: 'boolean', default: false },
    /** Runs nothing: tells of the last reports. */
    told: { type: 'boolean', default: false },
    /** Writes the tables of the document anew. */
    write: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '2' },
  },
});
process.exitCode = await main();

/** Mutates part by part and prints what came of it; 1 below the score, or where a survivor is not explained. */
async function main(): Promise<0 | 1> {
  const names = values.only.split(',').filter((name) => name !== '');
  const parts = PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  if (parts.length < names.length) throw new RangeError(`no such part: ${values.only}`);
  if (!values.told) for (const part of parts) await mutate(part);
  const mutants = parts.flatMap(({ name }) => mutantsOf(join(CACHE, `${name}.json`)));
  const survivors = mutants.filter(isUndetected);
  const unexplained = survivors.filter((mutant) => explanationOf(mutant) === null);
  const stale = idle(survivors, new Set(mutants.map(({ file }) => file)));
  const low = scores(mutants).filter(({ score }) => score < LEAST_SCORE);
  const lines = [
    tableOf(mutants),
    ...unexplained.map((mutant) => `not explained: ${told(mutant)}`),
    ...stale.map(
      ({ file, within, from, to }) => `explained, but noticed: ${file} ${within}: ${from} -> ${to}`,
    ),
    ...low.map(({ folder, score }) => `${folder}: ${score.toFixed(1)} % is below ${LEAST_SCORE} %`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (values.write && names.length === 0)
    writeFileSync(DOCUMENT, documented(readFileSync(DOCUMENT, 'utf8'), mutants));
  return unexplained.length + stale.length + low.length > 0 ? 1 : 0;
}

function told({ file, line, within, status, mutator, from, to }: Mutant): string {
  return `${file}:${line} ${within} (${status}, ${mutator}): ${from} -> ${to}`;
}

/**
 * A report of a former run without what was not killed then: it is tried again. StrykerJS alone would not see that a
 * new test notices a mutant of what is done while modules are loaded, since no test is known to meet it.
 */
function killedOnly(text: string): string {
  const report = Former.parse(JSON.parse(text));
  const files = Object.entries(report.files).map(([path, file]) => [
    path,
    { ...file, mutants: file.mutants.filter(({ status }) => status === 'Killed') },
  ]);
  return JSON.stringify({ ...report, files: Object.fromEntries(files) });
}

/** StrykerJS over one part, in processes of its own; its report stays in the cache. */
async function mutate({ name }: Part): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  mkdirSync(WORKSHOP, { recursive: true });
  const known = join(CACHE, `${name}.incremental.json`);
  if (values.fresh) rmSync(known, { force: true });
  else if (existsSync(known)) writeFileSync(known, killedOnly(readFileSync(known, 'utf8')));
  // Tests look for the shared data beside the project, and a sandbox lies here.
  const [data, link] = [resolve(ROOT, '../shared'), join(WORKSHOP, 'shared')];
  rmSync(link, { force: true });
  if (existsSync(data)) symlinkSync(data, link);
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
      'run',
      'test/mutations/stryker/stryker.config.mjs',
      '--concurrency',
      values.concurrency,
    ],
    { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, BURSAR_MUTATE: name } },
  );
  const { promise, resolve: done, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('exit', done);
  const code = await promise;
  if (code !== 0) throw new Error(`StrykerJS ended with ${code} over ${name}`);
}
