import type { UserQueryResult } from '../lake/model.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar query`: decimals stay the text that they are. */
export async function query(
  sql: string,
  options: CommonOptions & { bills?: string[]; engine?: string },
): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { lake } = assembled.auditor;
  const engine = engineOf(options.engine);
  if (engine !== null) {
    if (assembled.named)
      throw new BursarError('input', '--engine asks the bills of the config, not --bills', {
        hint: 'Leave one of them out.',
      });
    const answer = await lake.queryElsewhere(engine, sql);
    tellCost(assembled.auditor, progress);
    return show(answer, options, progress);
  }
  const sources = assembled.named ? await ingestNamed(assembled.auditor, now, progress) : null;
  if (sources === null && (await lake.sources()).length === 0)
    progress.warn(
      `${options.state} holds no bill yet: name FOCUS files with --bills, or run bursar audit first`,
    );
  for (const { sourceId, periods, engine: asked } of await lake.engines())
    if (asked !== 'duckdb' && (periods !== null || asked !== null) && (sources?.includes(sourceId) ?? true))
      progress.warn(
        `${[sourceId, ...(periods ?? [])].join(' ')} is not among these rows: it is asked where it lies${asked === null ? '' : ` (--engine ${asked})`}`,
      );
  return show(await lake.query(sql, sources), options, progress);
}

async function show(
  { columns, rows, truncated }: UserQueryResult,
  options: CommonOptions,
  progress: ReturnType<typeof terminalProgress>,
): Promise<void> {
  progress.done();
  if (truncated)
    progress.warn(
      `only the first ${rows.length === 1 ? 'row is' : `${rows.length} rows are`} shown; add a LIMIT or aggregate`,
    );
  const names = columns.map(({ name }) => name);
  await print(
    options.format === 'json' ? JSON.stringify(rows, null, 2) : table(names, rows, options.format),
    options,
  );
}

/** The engine that `--engine` names; null: DuckDB, which is asked where nothing else is said. */
function engineOf(name: string | undefined): 'athena' | 'trino' | 'bigquery' | null {
  switch (name) {
    case undefined:
    case 'duckdb':
      return null;
    case 'athena':
    case 'trino':
    case 'bigquery':
      return name;
    default:
      throw new BursarError('input', `--engine: found ${name}, expected duckdb, athena, trino or bigquery`);
  }
}
