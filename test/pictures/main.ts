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
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { node } from '../bench/run.ts';
import { unpackBrowser } from '../counterparts/browser.ts';
import { slackPage } from './slack-html.ts';

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

/**
 * docs/digest.png: 800 pixels wide, so that it is sharp where the README shows it, with the first of its thread.
 * docs/digest-phone.png: the message alone on phones 390 points wide, light and dark.
 */
async function digest(browser: Browser, folder: string): Promise<void> {
  const asked = ['--config', join(folder, 'bursar.yaml'), '--state', folder, '--now', DEMO_NOW];
  const { stdout } = await node([MAIN, 'digest', '--format', 'json', ...asked]);
  const content: DigestContent = JSON.parse(stdout);
  const { message, thread } = digestAnnouncement(content);
  const { blocks } = message;
  const draw = async (name: string, scale: number, html: string) => {
    const page = await browser.newPage({ viewport: { width: 800, height: 400 }, deviceScaleFactor: scale });
    await page.setContent(html);
    for (const article of await page.locator('article').all())
      process.stdout.write(`${name}: ${(await article.boundingBox())?.height} points high\n`);
    await page.locator('body').screenshot({ path: join(ROOT, 'docs', name) });
  };
  const [spend] = thread;
  await draw(
    'digest.png',
    1.25,
    slackPage([{ blocks, width: 640, replies: spend === undefined ? [] : [spend.blocks] }]),
  );
  await draw(
    'digest-phone.png',
    1.5,
    slackPage([
      { blocks, width: 390 },
      { blocks, width: 390, dark: true },
    ]),
  );
}

/** docs/report-light.png and docs/report-dark.png: the head of the page, 1,100 pixels wide. */
async function report(browser: Browser, folder: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 1440 }, colorScheme });
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await page.locator('html.live').waitFor({ state: 'attached' });
  await page.screenshot({ path: join(ROOT, 'docs', `report-${colorScheme}.png`) });
}
