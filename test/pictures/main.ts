/**
 * Draws the pictures of the README anew, from the demo as it is: `npm run -s pictures`. Commit them where what they
 * show has changed. Takes half a minute; nothing leaves the machine.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { DEMO_NOW } from '../../lib/demo/company.ts';
import type { SlackBlock } from '../../lib/notices/blocks.ts';
import { node } from '../bench/run.ts';
import { unpackBrowser } from '../counterparts/browser.ts';
import { slackHtml } from './slack-html.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'lib', 'cli', 'main.ts');

await main();

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-pictures-'));
  const browser = await chromium.launch({ ...(await unpackBrowser()), headless: true });
  try {
    await node([MAIN, 'demo', '--quiet', '--out', folder]);
    await digest(browser, folder);
    for (const colorScheme of ['light', 'dark'] as const) await report(browser, folder, colorScheme);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** docs/digest.png: 800 pixels wide, so that it is sharp where the README shows it. */
async function digest(browser: Browser, folder: string): Promise<void> {
  const asked = ['--config', join(folder, 'bursar.yaml'), '--state', folder, '--now', DEMO_NOW];
  const { stdout } = await node([MAIN, 'digest', '--format', 'slack', ...asked]);
  const { blocks }: { readonly blocks: readonly SlackBlock[] } = JSON.parse(stdout);
  const page = await browser.newPage({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 1.25 });
  await page.setContent(slackHtml(blocks, '09:00'));
  await page.screenshot({ path: join(ROOT, 'docs', 'digest.png'), fullPage: true });
}

/** docs/report-light.png and docs/report-dark.png: the head of the page, 1,100 pixels wide. */
async function report(browser: Browser, folder: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 1440 }, colorScheme });
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await page.locator('html.live').waitFor({ state: 'attached' });
  await page.screenshot({ path: join(ROOT, 'docs', `report-${colorScheme}.png`) });
}
