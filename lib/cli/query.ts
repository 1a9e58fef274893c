import { assembleCli } from '../run/assemble/cli.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar query`: decimals stay the text that they are. */
export async function query(sql: string, options: CommonOptions & { bills?: string[] }): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const sources = assembled.named ? await ingestNamed(assembled.auditor, now, progress) : null;
  if (sources === null && (await assembled.auditor.lake.sources()).length === 0)
    progress.warn(
      `${options.state} holds no bill yet: name FOCUS files with --bills, or run bursar audit first`,
    );
  const { columns, rows, truncated } = await assembled.auditor.lake.query(sql, sources);
  progress.done();
  if (truncated) progress.warn(`only the first ${rows.length} rows are shown; add a LIMIT or aggregate`);
  const names = columns.map(({ name }) => name);
  await print(
    options.format === 'json' ? JSON.stringify(rows, null, 2) : table(names, rows, options.format),
    options,
  );
}
