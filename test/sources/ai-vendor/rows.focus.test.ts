import { expect, inject, test } from 'vitest';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { validateFocus } from '../../counterparts/focus.validate.ts';
import { describeWithShared } from '../../shared.ts';
import { WORLD as ANTHROPIC } from '../anthropic/world.ts';
import { openAiFake } from '../openai/fake.ts';
import { WORLD as OPENAI } from '../openai/world.ts';
import { anthropic, openAi } from './deliver.ts';
import { ingested } from './lake.ts';

const validator = inject('focusValidator');

describeWithShared('what the FOCUS validator says of the rows of AI vendors', () => {
  test('OpenAI', async () => {
    await using fake = await openAiFake(OPENAI);
    const { passed, broken } = await ingested(openAi(fake.url), async ({ periods }) =>
      validateFocus(validator, periods[0]?.parts[0]?.path ?? ''),
    );
    console.log(passed, broken);
    expect(passed).toBeGreaterThan(300);
  });

  test('Anthropic', async () => {
    await using fake = await anthropicFake(ANTHROPIC);
    const { passed, broken } = await ingested(anthropic(fake.url), async ({ periods }) =>
      validateFocus(validator, periods[0]?.parts[0]?.path ?? ''),
    );
    console.log(passed, broken);
    expect(passed).toBeGreaterThan(300);
  });
});
