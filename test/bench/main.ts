/**
 * `npm run bench [-- --rows N ...]`: what ingest, audit, checks, estate, demo and command line take, each in a process of
 * its own. Bills are made once and kept in the cache; nothing is written into the project.
 */
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { availableParallelism, cpus, homedir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from '../checks/labelled.ts';
import { GROUPS_A_PAGE } from './cost-explorer.ts';
import { gpuService } from './gpus.ts';
import type { Measured } from './measure.ts';
import { benchPage } from './page.ts';
import { organisation } from './plan.ts';
import { type Line, mebibytes, median, millions, seconds, table } from './report.ts';
import { node, task } from './run.ts';
import { CHANGED, GONE, vectorStore } from './vectors.ts';

/** One gigabyte, in the MiB that the system counts. */
const MOST_MIB = 1e9 / 2 ** 20;
const ROUNDS = 3;
const percent = (value: number) => `${(value * 100).toFixed(2)}%`;
const MACHINES = 5000;
/** Custodian 0.9.53 over the same machines in the same emulator, for their tags and one metric: a call a machine. */
const CUSTODIAN = 'Cloud Custodian: 104 s, 5,002 calls';
const VECTORS = 1_000_000;
const MOST_VECTOR_MIB = 500e6 / 2 ** 20;

const { values } = parseArgs({ options: { rows: { type: 'string', multiple: true } } });
const sizes = (values.rows ?? ['1000000', '10000000']).map(Number);
if (sizes.some((rows) => !Number.isSafeInteger(rows) || rows < 1000))
  throw new RangeError('--rows takes a whole number from 1000');

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bursar-bench');
await mkdir(cache, { recursive: true });
const work = await mkdtemp(join(cache, 'run-'));
const lines: Line[] = [];
try {
  for (const rows of sizes) await bench(rows);
  await checks();
  await idleRule();
  await costExplorer();
  await gpus();
  await planned();
  await commitments();
  await insight();
  await vectors();
  await reportPage();
  await commands();
} finally {
  await rm(work, { recursive: true, force: true });
}
const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
process.stdout.write(`\n${machine}\n\n${table(lines)}\n`);

async function bench(rows: number): Promise<void> {
  const size = millions(rows);
  say(`bill of ${size} rows`);
  const bill = await task('bill', { folder: cache, rows });
  const states = { csv: join(work, `${rows}-csv`), parquet: join(work, `${rows}-parquet`) };
  for (const format of ['csv', 'parquet'] as const) {
    say(`ingest of ${size} rows, ${format}`);
    const took = await task('ingest', { state: states[format], bills: bill[format] });
    if (took.rows !== rows) throw new RangeError(`${took.rows} of ${rows} rows were kept`);
    push(
      `ingest ${size} rows, ${format}`,
      took,
      `${Math.round(rows / took.ms)}k rows/s`,
      'at most 1 GB',
      took.peakMiB <= MOST_MIB,
    );
    if (format === 'csv') await rm(states.csv, { recursive: true, force: true });
  }
  await audits(states.parquet, rows);
  await rm(states.parquet, { recursive: true, force: true });
}

/** Audit, digest and raw DuckDB in turn, so that what else the machine does hits all alike. */
async function audits(state: string, rows: number): Promise<void> {
  const ledger = join(state, 'ledger.sqlite');
  await copyFile(ledger, join(state, 'ledger.before'));
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`audit of ${millions(rows)} rows, round ${round} of ${ROUNDS}`);
    // Each audit finds the ledger as it was after the ingest, so that every round does the same.
    await copyFile(join(state, 'ledger.before'), ledger);
    const audit = await task('fullAudit', { state });
    const auditRaw = await task('rawDuckDb', { state, asked: audit.asked });
    const digest = await task('digest', { state });
    const digestRaw = await task('rawDuckDb', { state, asked: digest.asked });
    rounds.push({ audit, auditRaw, digest, digestRaw });
  }
  for (const what of ['audit', 'digest'] as const) {
    const ours = rounds.map((round) => round[what]);
    const raw = rounds.map((round) => round[`${what}Raw`]);
    const ratio = median(ours.map(({ ms }, at) => ms / (raw[at]?.ms ?? Number.NaN)));
    const asked = rounds[0]?.[what].asked.length ?? 0;
    const size = millions(rows);
    // The targets are for ten million rows: on fewer, what a finding costs outweighs the reading.
    const judged = what === 'audit' && rows >= 10_000_000;
    push(
      `raw DuckDB, the ${asked} queries of the ${what}, ${size} rows`,
      middle(raw),
      `${raw[0]?.queries.reduce((sum, query) => sum + query.rows, 0) ?? 0} rows of answers`,
    );
    push(
      `${what} of ${size} rows`,
      middle(ours),
      `${ratio.toFixed(2)}x raw DuckDB${what === 'audit' ? `, ${rounds[0]?.audit.findings ?? 0} findings` : ''}`,
      judged ? 'at most 2x and 1 GB' : '',
      judged ? ratio <= 2 && middle(ours).peakMiB <= MOST_MIB : null,
    );
  }
}

function middle(rounds: readonly Measured[]): Measured {
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    peakMiB: Math.max(...rounds.map(({ peakMiB }) => peakMiB)),
  };
}

async function checks(): Promise<void> {
  say('checks over 100,000 resources');
  const took = await task('checks', { resources: 100_000 });
  push(
    'all checks over 100,000 resources',
    took,
    `${took.judgements} judgements`,
    'about 2 s',
    took.ms <= 2500,
  );
}

/** Wrong stops and what is found, over the shapes that a window can know and over the one that none can. */
async function idleRule(): Promise<void> {
  for (const window of [168, 72]) {
    say(`idle rule, window of ${window} h`);
    const took = await task('idleRule', { machines: 1000, window });
    const share = (which: (outcome: Outcome) => boolean) => {
      const those = took.outcomes.filter(which);
      const sum = (of: (outcome: Outcome) => number) => those.reduce((total, each) => total + of(each), 0);
      return sum(({ stopped }) => stopped) / sum(({ machines }) => machines);
    };
    const wrong = share(({ dead, beyond }) => !dead && !beyond);
    const found = share(({ dead }) => dead);
    push(
      `idle rule over ${took.outcomes.length} shapes of 1,000 machines, window ${window} h`,
      took,
      `wrong stops ${percent(wrong)} (rests of 8 to 30 days: ${percent(share(({ beyond }) => beyond))}), recall ${percent(found)}`,
      window === 168 ? 'none wrong, recall 95%' : '',
      window === 168 ? wrong === 0 && found >= 0.95 : null,
    );
  }
}

async function costExplorer(): Promise<void> {
  say('Cost Explorer of 100 accounts');
  const took = await task('costExplorerPages', { accounts: 100 });
  push(
    'daily bill of 100 accounts from Cost Explorer, last day of a month',
    took,
    `${took.pages} pages of ${GROUPS_A_PAGE} groups (the size is assumed)`,
    'at most 10 pages',
    took.pages <= 10,
  );
}

/** A region full of GPUs: tags and idleness of each, by as few calls as pages and batches allow. */
async function gpus(): Promise<void> {
  say(`${MACHINES} machines with a GPU`);
  const service = await gpuService(MACHINES);
  try {
    const took = await task('gpuAudit', { state: join(work, 'gpus'), service: service.url });
    if (took.gaps.length > 0) throw new Error(`the region was not read whole: ${took.gaps.join('; ')}`);
    const times = (action: string) => service.calls.filter((one) => one === action).length;
    // An agent on four in five tells three metrics of each machine, EC2 itself three more.
    const metrics = MACHINES * 3 + MACHINES * 0.8 * 3;
    const [pages, batches] = [Math.ceil(MACHINES / 1000), Math.ceil(metrics / 500)];
    push(
      `look at a region of ${MACHINES} machines with a GPU`,
      took.look,
      `${service.calls.length} calls (${pages} pages of DescribeInstances, ${times('ListMetrics')} of ListMetrics, ${times('GetMetricData')} GetMetricData), $${took.amount}, snapshot of ${mebibytes(took.snapshotBytes / 2 ** 20)}; ${CUSTODIAN}`,
      `${pages} DescribeInstances, ${batches} GetMetricData`,
      times('DescribeInstances') === pages && times('GetMetricData') <= batches,
    );
    push(`tags and idleness judged of them`, took.judged, `${took.findings} findings`);
  } finally {
    await service.close();
  }
}

async function planned(): Promise<void> {
  say('plan of 50 accounts');
  const service = await organisation(50);
  try {
    const took = await task('auditPlan', { state: join(work, 'plan'), service: service.url });
    push(
      'audit --plan of 50 accounts in every region that the emulator has',
      took,
      `${took.scopes} scopes, ${took.remembered} by their last look`,
      'at most 1 s',
      took.ms <= 1000,
    );
  } finally {
    await service.close();
  }
}

/** A pgvector store of a million vectors and as many documents: all of them compared, and a sample. */
async function vectors(): Promise<void> {
  say(`${millions(VECTORS)} vectors in pgvector`);
  const server = await vectorStore(VECTORS);
  try {
    for (const most of [VECTORS, 20_000]) {
      const took = await task('vectorAudit', { state: join(work, `vectors-${most}`), url: server.url, most });
      if (took.gaps.length > 0) throw new Error(`the store was not read whole: ${took.gaps.join('; ')}`);
      const counts = took.found.map((each) => Number(each.vectors)).toSorted((a, b) => a - b);
      const truth = [GONE, CHANGED].map((share) => (share * VECTORS) / 100);
      const whole = most === VECTORS;
      if (whole && counts.join() !== truth.join())
        throw new Error(`counted ${counts.join()} of ${truth.join()}`);
      push(
        `look at ${millions(VECTORS)} vectors of ${millions(VECTORS)} documents, ${whole ? 'all' : `${most} of them`} compared and judged`,
        took,
        `${took.statements} statements, ${took.found.map((each) => `${each.vectors} ${each.unit}`).join('; ')}`,
        'at most 60 s and 500 MB',
        took.ms <= 60_000 && took.peakMiB <= MOST_VECTOR_MIB,
      );
    }
  } finally {
    await server.stop();
  }
}

/** One year of hours of 50 programmes over the same spend. */
async function commitments(): Promise<void> {
  say('commitments of 50 programmes');
  const took = await task('commitmentAdvice', { programmes: 50 });
  push(
    'what to commit: a year of hours, 50 programmes over the same spend',
    took,
    `${took.advised} purchases`,
    'at most 5 s',
    took.ms <= 5000,
  );
}

async function insight(): Promise<void> {
  say('forecasts and anomalies of 2,000 series');
  const { ms, stdout } = await node([join(import.meta.dirname, 'insight.ts')]);
  const told = /([\d.]+) s of processor time/.exec(stdout)?.[1];
  if (told === undefined) throw new Error('the run told no processor time');
  const cpuMs = Number(told) * 1000;
  push(
    'forecasts and anomalies of 2,000 series of 400 days, a process a core',
    { ms },
    `${seconds(cpuMs)} of processors, ${(cpuMs / 2000).toFixed(1)} ms a series`,
    'at most 60 s',
    ms <= 60_000,
  );
}

async function commands(): Promise<void> {
  const project = resolve(import.meta.dirname, '../..');
  const { buildCli } = await import('../../infra/build.ts');
  await buildCli(join(work, 'dist'));
  // What the bundle leaves to be installed is found beside it.
  await symlink(join(project, 'node_modules'), join(work, 'node_modules'));
  const bin = join(work, 'dist', 'bin.cjs');
  say('demo');
  const demo = await node([bin, 'demo', '--out', join(work, 'demo')]);
  push('bursar demo', { ms: demo.ms }, 'built', 'at most 20 s', demo.ms <= 20_000);
  say('--help');
  const times: number[] = [];
  for (let round = 0; round < 9; round++) times.push((await node([bin, '--help'])).ms);
  push(
    'bursar --help, median of 9',
    { ms: median(times) },
    `built, ${Math.round(median(times))} ms`,
    'at most 150 ms',
    median(times) <= 150,
  );
}

/** The report page with 10,000 findings, in a browser. */
async function reportPage(): Promise<void> {
  say('the report page in a browser');
  const { bytes, opens, filters, finding } = await benchPage();
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  push(
    'page of 10,000 findings opens',
    { ms: opens },
    size,
    'under 2 s, under 4 MB',
    opens < 2000 && bytes < 4e6,
  );
  push('its slowest filter or sort', { ms: filters }, '', 'under 100 ms', filters < 100);
  push('a finding opens', { ms: finding }, '');
}

function push(
  what: string,
  took: { ms: number } | Measured,
  result: string,
  target = '',
  met: boolean | null = null,
): void {
  const more =
    'cpuMs' in took ? { cpu: seconds(took.cpuMs), peak: mebibytes(took.peakMiB) } : { cpu: '', peak: '' };
  lines.push({ what, wall: seconds(took.ms), ...more, result, target, met });
}

function say(step: string): void {
  process.stderr.write(`bench: ${step}\n`);
}
