import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';

export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

export interface OpenOptions {
  readonly hash?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
  readonly javaScriptEnabled?: boolean;
  /** What runs in the browser before anything of the page. */
  readonly before?: string;
}

/**
 * A browser for the tests of a file. What it gives opens a report as a file, at a place of it, with everything that it
 * complains of or asks for: all in one page, which is emptied and set anew each time, since a page of its own for each
 * takes longer than what is looked at in it. Only what a page cannot be set to has one.
 */
export function reportBrowser(): (html: string, options?: OpenOptions) => Promise<Opened> {
  let browser: Browser;
  let folder: string;
  let shared: Page;
  let own: Page[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ ...inject('browser'), headless: true });
    folder = await mkdtemp(join(tmpdir(), 'bursar-page-'));
    shared = await browser.newPage();
  });
  afterEach(async () => {
    // This browser is one process, which ends with any page of it: they are emptied.
    await Promise.all([shared, ...own].map((page) => page.goto('about:blank')));
    own = [];
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  return async (
    html,
    { hash = '', width = 1100, colorScheme = 'light', reducedMotion, javaScriptEnabled = true, before } = {},
  ) => {
    const file = join(folder, 'report.html');
    await writeFile(file, html);
    const isOwn = !javaScriptEnabled || before !== undefined;
    const page = isOwn ? await browser.newPage({ javaScriptEnabled }) : shared;
    if (isOwn) own.push(page);
    // Another place of the file that it shows would be no new page.
    else await page.goto('about:blank');
    for (const event of ['console', 'pageerror', 'dialog', 'request'] as const)
      page.removeAllListeners(event);
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ media: null, colorScheme, reducedMotion: reducedMotion ?? 'no-preference' });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(file).href;
    if (before !== undefined) await page.addInitScript(before);
    await page.goto(`${address}${hash}`);
    return { page, complaints, requests: requests.filter((url) => !url.startsWith(address)) };
  };
}
