import type { DigestInput } from '../../lib/digest/model.ts';
import { finding, fullInput, usd } from './inputs.ts';
import { fullInsight } from './insight-inputs.ts';

const STRAY = finding({ resourceName: 'stray', monthlySaving: null, monthlyCost: usd('91.5'), owner: null });
const STOPPED = finding({
  resourceName: 'gpu one',
  monthlySaving: usd('312.25'),
  monthlyCost: usd('312.25'),
});

/** A digest with every part that one can have. */
export function everything(changes: Partial<DigestInput> = {}): DigestInput {
  return fullInput({
    insight: fullInsight(),
    savings: { stops: 2, unbilled: 1, estimated: [usd('118.7')], realised: [usd('96.41')] },
    life: {
      events: [
        { id: 'stopped', at: '2026-11-03T10:00:00Z', finding: STOPPED },
        { id: 'failed', at: '2026-11-06T11:00:00Z', finding: STRAY },
      ],
      decisions: Array.from({ length: 13 }, (_, at) => ({
        kind: 'name-owner' as const,
        finding: finding({
          resourceName: `unowned ${at}`,
          monthlySaving: usd(`${1000 - at * 17}`),
          owner: null,
        }),
        since: '2026-11-05T09:00:00Z',
        asked: ['U0APPROVER'],
        press: {
          token: `n-${'0'.repeat(24)}${at + 10}.0.abcdef01`,
          kind: 'claim' as const,
          reversible: true,
        },
      })),
      notes: [],
    },
    ...changes,
  });
}

const UNKNOWN = [
  ['allocated', 'Allocated', 'nothing was spent'],
  ['idle-gpu-share', 'Idle GPUs', 'no GPU is on the bill'],
  ['forecast-error', 'Forecast error', '2026-10 is not wholly on the bills, or has not settled'],
  ['commitment-coverage', 'Commitment coverage', 'nothing on the bills can be committed to'],
] as const;

/** What who leads is told, as long as it can be. */
export const EXECUTIVE: NonNullable<DigestInput['executive']> = [
  ...UNKNOWN.map(([id, label, note]) => ({ id, label, value: null, note: [note], source: 'a test' })),
  ...['order', 'picture', 'conversation'].map((per) => ({
    id: 'unit-cost' as const,
    label: `Cost per ${per}`,
    value: { money: usd('0.0001234') },
    note: [{ name: per }],
    source: 'a test',
  })),
];

/** Bills of six currencies, a week of credits in one of them. */
export const SIX_CURRENCIES: DigestInput['spend'] = ['USD', 'EUR', 'JPY', 'KWD', 'GBP', 'AI-CREDITS'].map(
  (currency, at) => ({
    currency,
    current: at === 1 ? '-45000' : '1234567.891',
    former: at === 2 ? null : '1000000',
    estimated: false,
  }),
);
