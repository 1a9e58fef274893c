import { digestFormat } from '../digest/format.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type Inventory, inventory } from '../run/inventory.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar inventory`: what exists, whose it is and what it cost in the last 30 days of the bills. */
export async function inventoryCommand(options: CommonOptions & { ai?: true }): Promise<void> {
  const progress = terminalProgress();
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, progress);
  const { lake, organisation } = assembled.auditor;
  if ((await lake.sources()).length === 0 && (await lake.scopes()).length === 0)
    throw new BursarError('input', 'nothing has been looked at yet', {
      where: options.state,
      hint: 'Run bursar audit first.',
    });
  const found = await inventory(assembled.auditor, options.ai === true, now);
  progress.done();
  const gaps = found.coverage.filter(({ status }) => status !== 'complete').length;
  if (gaps > 0)
    progress.warn(`${gaps} of ${found.coverage.length} scopes were not read whole: see bursar audit`);
  const json = options.format === 'json';
  await print(json ? JSON.stringify(found, null, 2) : shown(found, organisation.timezone), options);
}

/** The end of an id, by which people know it. */
function lastOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function shown({ items, window }: Inventory, timezone: string): string {
  const format = digestFormat(timezone);
  const rows = items.map(
    ({
      provider,
      accountId,
      region,
      type,
      id,
      name,
      machine,
      state,
      accelerators,
      aiClass,
      model,
      owner,
      environment,
      cost,
    }) => ({
      provider,
      account: accountId,
      region,
      type: kindOf(type),
      name: machine === null ? (name ?? id) : `${name ?? id} (machine ${lastOf(machine)})`,
      state,
      what: [accelerators.replaceAll(MAKER, ' x '), aiClass ?? '', model ?? '']
        .filter((text) => text !== '')
        .join('; '),
      owner: owner?.id ?? '',
      environment: environment ?? '',
      cost: cost === null ? '' : format.exact(cost),
    }),
  );
  const heads = [
    'provider',
    'account',
    'region',
    'type',
    'name',
    'state',
    'what',
    'owner',
    'environment',
    'cost',
  ];
  const of =
    window === null ? 'no bill' : `cost of ${window.start.slice(0, 10)} to ${window.end.slice(0, 10)}`;
  return `${table(heads, rows, 'table', undefined, SPARE)}\n${items.length} things; ${of}`;
}

/** `instance (compute)` of `gcp:compute:instance`: what is clipped keeps what it is. Names of services stay as billed. */
function kindOf(type: string): string {
  const [, service, kind] = /^(?:aws|gcp):([a-z0-9-]+):([a-z0-9-]+)$/.exec(type) ?? [];
  return kind === undefined ? type : `${kind} (${service})`;
}

/** `2 x A100` of `2 x nvidia-tesla-a100`: the maker of nearly all says nothing. */
const MAKER = / x nvidia[-_ ](?:tesla[-_ ])?/gi;

/** What a narrow terminal leaves out first. */
const SPARE = ['region', 'provider', 'environment', 'account', 'state', 'what'];
