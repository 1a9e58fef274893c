import type { AiPanel } from '../../digest/detail-model.ts';
import type { Column, DataTable } from '../../digest/table.ts';
import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import { UNALLOCATED } from '../../lake/dimensions.ts';
import type { SpendPart } from '../../lake/queries/spend-by.ts';

/** Axes of the one question that the panels of AI spend are made from. */
export const AI_AXES = [
  'ai_class',
  'team',
  'product',
  'feature',
  'environment',
  'model',
  'token_kind',
] as const;
type Axis = (typeof AI_AXES)[number];

export interface AiSpend {
  readonly parts: readonly SpendPart[];
  readonly source: string;
}

const LABELS: Readonly<Record<Axis, string>> = {
  ai_class: 'Kind of AI work',
  team: 'Team',
  product: 'Product',
  feature: 'Feature',
  environment: 'Environment',
  model: 'Model',
  token_kind: 'Request type',
};

const MONEY: readonly Column[] = [
  { id: 'currency', label: 'Currency', kind: 'text' },
  { id: 'effective_cost', label: 'Cost', kind: 'money' },
];

/** AI spend by kind of work: those classes that add up to what is called AI spend. */
export function byKind(spend: AiSpend): AiPanel {
  return {
    id: 'ai-kind',
    title: 'AI spend by kind of work',
    tables: tablesOf(spend, 'ai-spend-by-kind', ['ai_class'], 'AI spend of the period by kind of work'),
    notes: [],
    connect:
      spend.parts.length > 0
        ? null
        : {
            what: 'No charge of the period is AI work. Bills of AI vendors are sources, like:',
            config: 'sources:\n  openai: { type: openai, key: { env: OPENAI_ADMIN_KEY } }',
          },
  };
}

/** AI spend by a dimension; where no charge has a value of it, the rules that would give one. */
export function byDimension(
  spend: AiSpend,
  axis: 'team' | 'product' | 'feature' | 'environment',
  config: string,
): AiPanel {
  const at = AI_AXES.indexOf(axis);
  const known = spend.parts.some(({ key }) => isNamed(key[at]));
  return {
    id: `ai-${axis}`,
    title: `AI spend by ${axis}`,
    tables: known ? tablesOf(spend, `ai-spend-by-${axis}`, [axis], `AI spend of the period by ${axis}`) : [],
    notes: [],
    connect: known ? null : { what: `No AI charge names a ${axis}. Rules that read it from a tag:`, config },
  };
}

/** AI spend by model and the way that its tokens went. */
export function byModel(spend: AiSpend): AiPanel {
  const at = AI_AXES.indexOf('model');
  const own = { ...spend, parts: spend.parts.filter(({ key }) => isNamed(key[at])) };
  return {
    id: 'ai-model',
    title: 'Cost by model and request type',
    tables: tablesOf(
      own,
      'ai-spend-by-model',
      ['model', 'token_kind'],
      'What models cost in the period, by request type as the bill tells it',
    ),
    notes:
      own.parts.length === 0 || own.parts.length === spend.parts.length
        ? []
        : ['AI charges that name no model (machines, storage) are not in this table.'],
    connect:
      own.parts.length > 0
        ? null
        : {
            what: 'No charge names a model. Bills of AI vendors and FOCUS exports of Amazon Bedrock do:',
            config: 'sources:\n  anthropic: { type: anthropic, key: { env: ANTHROPIC_ADMIN_KEY } }',
          },
  };
}

/** What evaluation of models cost. */
export function evaluation(spend: AiSpend): AiPanel {
  const own = { ...spend, parts: spend.parts.filter(({ key }) => key[0] === 'evaluation') };
  return {
    id: 'ai-evaluation',
    title: 'Cost of evaluation',
    tables: tablesOf(
      own,
      'ai-evaluation',
      ['team', 'model'],
      'AI spend of the period that is evaluation, by team and model',
    ),
    notes: [],
    connect:
      own.parts.length > 0
        ? null
        : {
            what: 'No charge is known as evaluation. A rule that tells by a tag:',
            config:
              'ai:\n  rules:\n    - id: our-evaluation\n      class: evaluation\n      source: our tags\n      when: { tags: { purpose: "^eval" } }',
          },
  };
}

function isNamed(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== UNALLOCATED;
}

function tablesOf(spend: AiSpend, id: string, axes: readonly Axis[], caption: string): DataTable[] {
  const rows = sums(spend.parts, axes);
  if (rows.length === 0) return [];
  const withTokens = axes.includes('model') && rows.some(({ tokens }) => !tokens.isZero());
  return [
    {
      id,
      caption,
      columns: [
        ...axes.map((axis): Column => ({ id: axis, label: LABELS[axis], kind: 'text' })),
        ...MONEY,
        ...(withTokens ? [{ id: 'tokens', label: 'Tokens', kind: 'number' } as const] : []),
      ],
      rows: rows.map(({ key, currency, effective, tokens }) => [
        ...key,
        currency,
        decimalText(effective),
        ...(withTokens ? [tokens.isZero() ? null : decimalText(tokens)] : []),
      ]),
      source: spend.source,
    },
  ];
}

/** Sums by some of the axes and currency, the dearest of each currency first. */
function sums(parts: readonly SpendPart[], axes: readonly Axis[]) {
  const places = axes.map((axis) => AI_AXES.indexOf(axis));
  const groups = Map.groupBy(parts, ({ key, currency }) =>
    JSON.stringify([currency, ...places.map((at) => key[at] ?? '')]),
  );
  return [...groups.values()]
    .map((own) => {
      const [first] = own;
      return {
        key: places.map((at, place) => named(first?.key[at] ?? '', axes[place])),
        currency: first?.currency ?? '',
        effective: total(own.map(({ effective }) => decimal(effective))),
        tokens: total(own.map(({ tokens }) => decimal(tokens))),
      };
    })
    .toSorted(
      (a, b) =>
        (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0) ||
        b.effective.comparedTo(a.effective) ||
        (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1),
    );
}

function named(value: string, axis: Axis | undefined): string {
  if (isNamed(value)) return value;
  return axis === 'token_kind' ? 'not by token' : `no ${(LABELS[axis ?? 'team'] ?? '').toLowerCase()}`;
}

function total(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0));
}
