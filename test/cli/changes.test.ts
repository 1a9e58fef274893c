import { expect, test } from 'vitest';
import { shown } from '../../lib/cli/changes.ts';
import type { PeriodChange } from '../../lib/run/changes.ts';

const same = (period: string): PeriodChange => ({
  source: 'aws',
  period,
  before: '2026-11-09T08:00:00.000Z',
  after: '2026-11-16T08:00:00.000Z',
  rowsBefore: 2,
  rowsAfter: 2,
  changes: [],
  totals: [],
  converted: null,
});

test('changes: what changed stands first, what did not in one line, what was emptied is no equal delivery', () => {
  const text = shown(
    {
      schemaVersion: 1,
      compared: [
        same('2026-08'),
        { ...same('2026-09'), rowsAfter: 3 },
        same('2026-10'),
        { ...same('2026-11'), after: null, rowsAfter: 0 },
      ],
      once: [{ source: 'gcp', period: '2026-11' }],
    },
    'text',
  );
  expect(text.split('\n')).toEqual([
    'aws 2026-09: read 2026-11-09 08:00 UTC (2 rows), again 2026-11-16 08:00 UTC (3 rows)',
    'By account and service nothing changed.',
    '',
    'aws 2026-11: read 2026-11-09 08:00 UTC (2 rows), emptied since',
    'By account and service nothing changed.',
    '',
    'Delivered again, nothing changed by account and service: aws 2026-08, aws 2026-10.',
    'Delivered once, nothing to compare with: gcp 2026-11.',
  ]);
});
