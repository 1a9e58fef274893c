import { expect, inject, test } from 'vitest';
import type { Source } from '../../../lib/sources/model.ts';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { validateFocus } from '../../counterparts/focus.validate.ts';
import { describeWithShared } from '../../shared.ts';
import { WORLD as ANTHROPIC } from '../anthropic/world.ts';
import { openAiFake } from '../openai/fake.ts';
import { WORLD as OPENAI } from '../openai/world.ts';
import { anthropic, openAi } from './deliver.ts';
import { ingested } from './lake.ts';

const validator = inject('focusValidator');

/** Neither vendor tells invoices in its API; FOCUS lets the column be null until there is one. */
const BROKEN = ['InvoiceId-C-005-C'];

function judged(source: Source) {
  return ingested(source, ({ periods }) => validateFocus(validator, periods[0]?.parts[0]?.path ?? ''));
}

describeWithShared('the FOCUS validator on the rows of AI vendors', () => {
  test('OpenAI: every rule is kept but that of invoices', async () => {
    await using fake = await openAiFake(OPENAI);
    const { passed, broken } = await judged(openAi(fake.url));
    expect(broken.map(({ rule }) => rule)).toEqual(BROKEN);
    expect(passed).toBeGreaterThan(100);
  });

  test('Anthropic: every rule is kept but that of invoices', async () => {
    await using fake = await anthropicFake(ANTHROPIC);
    const { passed, broken } = await judged(anthropic(fake.url));
    expect(broken.map(({ rule }) => rule)).toEqual(BROKEN);
    expect(passed).toBeGreaterThan(100);
  });
});
