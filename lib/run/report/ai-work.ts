import type { AiPanel } from '../../digest/detail-model.ts';
import type { DataTable } from '../../digest/table.ts';
import type { EfficiencyReport } from '../efficiency.ts';
import type { EfficiencyRow } from '../efficiency-model.ts';
import type { UnitReport } from '../units.ts';

/** Tokens and cost of one request, and shares of cache, batches, failures and throttles. */
export function usagePanel({ rows, blindSpots }: EfficiencyReport): AiPanel {
  const untold = [
    ...new Set(rows.flatMap((row) => row.blindSpots.map((each) => `${row.provider}: ${each}`))),
  ];
  return {
    id: 'ai-usage',
    title: 'Tokens a request, cache and retries',
    tables:
      rows.length === 0
        ? []
        : [
            {
              id: 'ai-usage',
              caption: 'The last settled week of each model, by project and key',
              columns: [
                { id: 'provider', label: 'Provider', kind: 'text' },
                { id: 'model', label: 'Model', kind: 'text' },
                { id: 'project', label: 'Project', kind: 'text' },
                { id: 'key', label: 'Key', kind: 'text' },
                { id: 'requests', label: 'Requests', kind: 'number' },
                { id: 'input_per_request', label: 'Input tokens a request', kind: 'number' },
                { id: 'output_per_request', label: 'Output tokens a request', kind: 'number' },
                { id: 'cached_percent', label: 'From cache', kind: 'text' },
                { id: 'batch_percent', label: 'In batches', kind: 'text' },
                { id: 'error_percent', label: 'Failed', kind: 'text' },
                { id: 'throttle_percent', label: 'Throttled', kind: 'text' },
                { id: 'currency', label: 'Currency', kind: 'text' },
                { id: 'cost', label: 'Cost', kind: 'money' },
                { id: 'cost_per_request', label: 'Cost a request', kind: 'rate' },
              ],
              rows: rows.map(usageRow),
              source:
                'bursar efficiency: usage that vendors tell, calls of Amazon Bedrock as the newest look at each account counted them, and EffectiveCost of the same days',
            },
          ],
    notes: [
      ...(rows.length === 0
        ? []
        : [
            'Failed and throttled requests are those that callers send again; no vendor counts retries as such.',
          ]),
      ...untold,
      ...blindSpots,
    ],
    connect:
      rows.length > 0
        ? null
        : {
            what: 'Nobody tells of any request. Vendors do as sources, Amazon Bedrock in accounts that are looked at:',
            config:
              'sources:\n  openai: { type: openai, key: { env: OPENAI_ADMIN_KEY } }\nestate:\n  aws: { accounts: own, regions: enabled }',
          },
  };
}

function usageRow({ provider, model, project, key, currency, current }: EfficiencyRow): (string | null)[] {
  const percent = (share: typeof current.cachedShare) =>
    share === null ? null : share.low === share.high ? `${share.low}%` : `${share.low}% to ${share.high}%`;
  return [
    provider,
    model ?? '(all)',
    project,
    key,
    current.requests,
    current.inputPerRequest,
    current.outputPerRequest,
    percent(current.cachedShare),
    percent(current.batchShare),
    percent(current.errorShare),
    percent(current.throttleShare),
    currency,
    currency === null ? null : current.cost,
    currency === null ? null : current.costPerRequest,
  ];
}

/** What one of something costs, with its success and quality beside it. */
export function unitPanel({ units }: UnitReport): AiPanel {
  return {
    id: 'ai-units',
    title: 'Cost of a successful output',
    tables:
      units.length === 0
        ? []
        : [
            {
              id: 'ai-units',
              caption: 'Cost of one of each unit in the period, and what is watched beside it',
              columns: [
                { id: 'unit', label: 'Unit', kind: 'text' },
                { id: 'per', label: 'Counts', kind: 'text' },
                { id: 'units', label: 'How many', kind: 'number' },
                { id: 'currency', label: 'Currency', kind: 'text' },
                { id: 'cost', label: 'Cost', kind: 'money' },
                { id: 'cost_per_unit', label: 'Cost of one', kind: 'rate' },
                { id: 'cost_per_success', label: 'Cost of a success', kind: 'rate' },
                { id: 'change_percent', label: 'Four weeks', kind: 'percent' },
                { id: 'success', label: 'Success, 7 days', kind: 'number' },
                { id: 'quality', label: 'Quality, 7 days', kind: 'number' },
              ],
              rows: units.map(({ name, per, total, perSuccess, currency, trend, sides }) => {
                const side = (of: string) => sides.find((each) => each.of === of)?.recent ?? null;
                const [success, quality] = [side('success'), side('quality')];
                return [
                  name,
                  per,
                  total?.units ?? null,
                  currency,
                  currency === null ? null : (total?.cost ?? null),
                  currency === null ? null : (total?.perUnit ?? null),
                  currency === null ? null : perSuccess,
                  trend?.percent ?? null,
                  success === null ? null : String(success),
                  quality === null ? null : String(quality),
                ];
              }),
              source: 'bursar units: EffectiveCost of settled days by the metric of each unit',
            },
          ],
    notes: [
      ...(units.length === 0
        ? []
        : [
            'Cost of one is of what the metric counts. Cost of a success is told where the unit has a success, a share of 0 to 1 a day; a metric that counts successful outputs alone needs none.',
          ]),
      ...units.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    ],
    connect: units.length > 0 ? null : unitsWanted('metric'),
  };
}

/** What each stop saved beside what happened to the quality of what its resource served. */
export function qualityPanel({ savings }: UnitReport): AiPanel {
  const rows = (savings ?? []).flatMap(({ resourceName, resourceId, check, from, saved, units }) =>
    units.flatMap(({ name, numbers }) =>
      numbers
        .filter(({ of }) => of === 'quality' || of === 'success')
        .map(({ of, change }) => [
          resourceName ?? resourceId,
          check,
          from,
          saved?.currency ?? null,
          saved?.amount ?? null,
          name,
          of,
          change?.before ?? null,
          change?.after ?? null,
          change?.percent ?? null,
        ]),
    ),
  );
  const stops = (savings ?? []).length;
  const table: DataTable = {
    id: 'ai-quality',
    caption: 'What stops saved, and success and quality of the units that paid for them, before and after',
    columns: [
      { id: 'resource', label: 'Resource', kind: 'text' },
      { id: 'check', label: 'Check', kind: 'text' },
      { id: 'stopped', label: 'Stopped', kind: 'instant' },
      { id: 'currency', label: 'Currency', kind: 'text' },
      { id: 'saved', label: 'Saved by the bills', kind: 'money' },
      { id: 'unit', label: 'Unit', kind: 'text' },
      { id: 'of', label: 'Of it', kind: 'text' },
      { id: 'before', label: 'Before', kind: 'number' },
      { id: 'after', label: 'After', kind: 'number' },
      { id: 'change_percent', label: 'Change', kind: 'percent' },
    ],
    rows,
    source: 'bursar units --savings: means of up to 14 days before and after each stop',
  };
  return {
    id: 'ai-quality',
    title: 'Quality beside each saving',
    tables: rows.length === 0 ? [] : [table],
    notes: [
      ...(rows.length === 0 ? [] : ['It shows what happened at that time, not why.']),
      ...(stops === 0 ? ['Nothing was stopped yet, so there is no saving to set quality beside.'] : []),
    ],
    connect: rows.length > 0 ? null : unitsWanted('quality'),
  };
}

function unitsWanted(what: 'metric' | 'quality'): NonNullable<AiPanel['connect']> {
  return what === 'metric'
    ? {
        what: 'Name a number a day that counts successful outputs; cost is divided by it:',
        config:
          'units:\n  - name: assistant\n    per: successful answer\n    metric:\n      type: csv\n      path: ./answers.csv\n      column: answered',
      }
    : {
        what: 'Give a unit a quality, a number a day that is watched around every stop:',
        config:
          'units:\n  - name: assistant\n    metric:\n      type: csv\n      path: ./answers.csv\n      column: answered\n    quality:\n      type: csv\n      path: ./answers.csv\n      column: score',
      };
}
