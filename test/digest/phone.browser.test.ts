import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { DigestInput } from '../../lib/digest/model.ts';
import { heightOf, SCREEN } from '../../lib/digest/phone.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { reportId } from '../../lib/run/archived.ts';
import { slackPage } from '../pictures/slack-html.ts';
import { EXECUTIVE, everything, SIX_CURRENCIES } from './everything.ts';
import { emptyInput, finding, fullInput } from './inputs.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await chromium.launch({ ...inject('browser'), headless: true });
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
});
afterAll(() => browser.close());

const REPORT = reportId('digest/of a phone');

/** The height that a browser gives the message on a phone, and ours. */
async function heights(input: DigestInput): Promise<{ drawn: number; ours: number }> {
  const { blocks } = digestAnnouncement(digestContent(input), REPORT).message;
  await page.setContent(slackPage([{ blocks, width: 390 }]));
  const box = await page.locator('article').boundingBox();
  return { drawn: box?.height ?? Number.NaN, ours: heightOf(blocks) };
}

describe('a digest on a phone', () => {
  test.each<[string, DigestInput]>([
    ['of nothing', emptyInput()],
    ['of a usual week', fullInput()],
    ['of a week with everything, decisions and what became of things', everything()],
    [
      'of an executive, in German and six currencies',
      everything({
        audience: { kind: 'executive' },
        executive: EXECUTIVE,
        locale: 'de-DE',
        spend: SIX_CURRENCIES,
      }),
    ],
    ['in Japanese yen and Japanese', everything({ locale: 'ja-JP' })],
    [
      'of long names',
      fullInput({
        organisation: { name: 'Gesellschaft für Wolkenkosten', timezone: 'Europe/Berlin', currency: 'USD' },
        findings: Array.from({ length: 9 }, () =>
          finding({ resourceName: 'a name of some words '.repeat(12) }),
        ),
      }),
    ],
  ])('%s is one screen high, and as high as we say', async (_, input) => {
    const { drawn, ours } = await heights(input);
    expect(drawn).toBeLessThanOrEqual(SCREEN);
    expect(Math.abs(drawn - ours) / drawn).toBeLessThan(0.1);
  });
});
