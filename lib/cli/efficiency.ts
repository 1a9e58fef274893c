import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { BursarError } from '../platform/errors.ts';
import { awsScopeSettings } from '../run/assemble/aws-scope-settings.ts';
import { bedrockReader } from '../run/assemble/bedrock-usage.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type EfficiencyReport, efficiencyReport } from '../run/efficiency.ts';
import type { EfficiencyRow } from '../run/efficiency-model.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { fitted } from './table.ts';

export interface EfficiencyOptions extends CommonOptions {
  readonly aws?: true;
  readonly regions?: string[];
  readonly top?: number;
}

const WIDEST = 200;

/** `bursar efficiency`: what each model is asked, by project and key, against its own four weeks. */
export async function efficiencyCommand(options: EfficiencyOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  const { aws, regions, ...rest } = options;
  await using assembled = await assembleCli(rest, now, progress);
  const { auditor, config } = assembled;
  if (regions !== undefined && aws !== true)
    throw new BursarError('input', '--regions without --aws', { hint: 'Add --aws.' });
  const settings =
    aws === true
      ? ({ accounts: 'own', regions: regions ?? 'enabled', assume: null } as const)
      : awsScopeSettings(config);
  if (settings === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet, and no account to look at', {
      where: options.state,
      hint: 'Run bursar audit first, or add --aws.',
    });
  const report = await efficiencyReport(
    auditor,
    settings === null ? null : bedrockReader(settings, now, auditor.asking),
    null,
    now,
  );
  progress.done();
  tellCost(auditor, progress);
  const format = digestFormat(config.organisation.timezone);
  await print(
    options.format === 'json' ? JSON.stringify(report, null, 2) : shown(report, options.top ?? 30, format),
    options,
  );
}

function shown({ rows, blindSpots }: EfficiencyReport, top: number, format: Format): string {
  const head = [
    'model',
    'project',
    'key',
    'requests',
    'change',
    'in',
    'out',
    'cached',
    'batch',
    'errors',
    'throttled',
    'per request',
    'its change',
  ];
  const named = [
    ...new Set(rows.slice(0, top).flatMap((row) => row.blindSpots.map((each) => `${row.provider}: ${each}`))),
  ];
  return [
    'The last settled week of each, against its own four weeks before; tokens are those of a request.',
    '',
    ...(rows.length === 0
      ? ['Nobody tells of any request.']
      : fitted(
          [head, ...rows.slice(0, top).map((row) => cells(row, format))],
          head.map((_, at) => (at < 3 ? 'left' : 'right')),
        )),
    ...(rows.length > top ? [`${rows.length - top} more rows: --top ${rows.length} or --format json.`] : []),
    '',
    '?: not told, which is no zero.',
    ...[...named, ...blindSpots].map((each) => plain(each, 200)),
  ].join('\n');
}

function cells({ model, project, key, current, change, currency }: EfficiencyRow, format: Format): string[] {
  const { costPerRequest } = current;
  return [
    plain(model ?? '(all)', WIDEST),
    plain(project ?? '', WIDEST),
    plain(key ?? '', WIDEST),
    number(current.requests),
    moved(change.requestsPerDay),
    number(current.inputPerRequest),
    number(current.outputPerRequest),
    share(current.cachedShare),
    share(current.batchShare),
    share(current.errorShare),
    share(current.throttleShare),
    costPerRequest === null || currency === null
      ? '?'
      : Number(costPerRequest) >= 1
        ? format.exact({ amount: costPerRequest, currency })
        : `${new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 }).format(Number(costPerRequest))} ${currency}`,
    moved(change.costPerRequest),
  ];
}

function number(text: string | null): string {
  return text === null
    ? '?'
    : new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(Number(text));
}

function share(of: { readonly low: string; readonly high: string } | null): string {
  if (of === null) return '?';
  return of.low === of.high ? `${of.low}%` : `${of.low}-${of.high}%`;
}

function moved(percent: string | null): string {
  if (percent === null) return '';
  return `${percent.startsWith('-') ? '' : '+'}${percent}%`;
}
