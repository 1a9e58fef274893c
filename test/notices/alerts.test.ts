import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertKind } from '../../lib/ledger/alerts/model.ts';
import { MESSAGE_BUDGET, size } from '../../lib/notices/blocks.ts';
import { readAlertToken, renderAlert, writeAlertToken } from '../../lib/notices/messages/alert.ts';
import { ANA, facts } from '../ledger/alerts/fixtures.ts';
import { alertAfter, budget } from './alerts.ts';

const KINDS: readonly AlertKind[] = ['anomaly', 'budget', 'forecast', 'expired', 'runaway'];

test('whatever names hold, a message stays within what Slack takes, on one line each, hidden characters out', () => {
  const name = fc.string({ unit: 'binary', maxLength: 3000 });
  const role = fc.constantFrom('first', 'also', 'escalation');
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      role,
      name,
      fc.array(name, { maxLength: 6 }),
      (kind, as, text, many) => {
        const base = kind === 'anomaly' || kind === 'runaway' ? facts() : budget();
        const alert = alertAfter({
          ...base,
          kind,
          what: text,
          subject: { budget: text, service: text, team: text },
          causes: many,
          blindSpots: many,
          owner: { id: text, source: text, confidence: 'low' },
        });
        const { blocks, text: title } = renderAlert(alert, as, 'Europe/Berlin');
        expect(size(blocks)).toBeLessThan(MESSAGE_BUDGET);
        expect(/[\p{Cc}\u202e]/u.test(title)).toBe(false);
        expect(title.length).toBeLessThanOrEqual(150);
      },
    ),
  );
});

const buttons = (events: Parameters<typeof alertAfter>[1]) =>
  renderAlert(alertAfter(facts(), events), 'first', 'UTC')
    .blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .map(({ action_id }) => action_id);

test('buttons stand where it may be answered, and nowhere else', () => {
  expect(buttons([])).toEqual(['on-it', 'expected']);
  expect(buttons([{ type: 'acknowledged', by: ANA }])).toEqual(['expected']);
  expect(buttons([{ type: 'expected', by: ANA }])).toEqual([]);
  expect(buttons([{ type: 'over', reason: 'it ended' }])).toEqual([]);
});

test('a token is read back as it was written, and nothing else is one', () => {
  const token = { alert: `a-${'0123456789abcdef'.repeat(2).slice(0, 26)}`, stage: '89abcdef' };
  expect(readAlertToken(writeAlertToken(token))).toEqual(token);
  for (const text of [
    '',
    `${token.alert}.89abcde`,
    `n${token.alert.slice(1)}.89abcdef`,
    `${writeAlertToken(token)}.1`,
  ])
    expect(readAlertToken(text)).toBeNull();
});
