import { listChecks } from '../run/checks.ts';
import { type CommonOptions, print } from './io.ts';
import { table } from './table.ts';

/** `bursar checks`: what is looked for, and which verdicts a policy may ever act on. */
export async function checks(options: CommonOptions): Promise<void> {
  const all = listChecks();
  if (options.format === 'json') return print(JSON.stringify(all, null, 2), options);
  const rows = all.map(({ id, title, needs, verdicts }) => ({
    check: id,
    title,
    'may be acted on':
      verdicts
        .filter(({ actionable }) => actionable)
        .map(({ verdict }) => verdict)
        .join(', ') || 'never',
    'only told': verdicts
      .filter(({ actionable }) => !actionable)
      .map(({ verdict }) => verdict)
      .join(', '),
    needs: needs.join(', '),
  }));
  await print(table(['check', 'title', 'may be acted on', 'only told', 'needs'], rows, 'table'), options);
}
