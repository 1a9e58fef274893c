import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { plain } from '../../lib/digest/names.ts';
import { ATTACKS } from './attacks.ts';
import { finding, fullInput } from './inputs.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await chromium.launch({ ...inject('browser'), headless: true });
  folder = await mkdtemp(join(tmpdir(), 'bursar-report-'));
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a report as a file, with everything that the page complains of or asks for. */
async function open(html: string, options: { width?: number; colorScheme?: 'light' | 'dark' } = {}) {
  const file = join(folder, 'report.html');
  await writeFile(file, html);
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1100, height: 900 },
    colorScheme: options.colorScheme ?? 'light',
  });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  page.on('request', (request) => requests.push(request.url()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  return { page, complaints, requests: requests.filter((url) => url !== address) };
}

/** The least contrast of any text against what lies under it (WCAG 2.2, 1.4.3); runs in the page. */
const LEAST_CONTRAST = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    if (element === null) return 'rgb(255,255,255)';
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const ratios = [...document.querySelectorAll('main *:not(title)')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((element) => {
      const style = getComputedStyle(element);
      const pair = [light(element.closest('svg') ? style.fill : style.color), light(ground(element))];
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
  return ratios.length > 50 ? Math.min(...ratios) : 0;
})()`;

describe('the report in a browser', () => {
  const report = digestHtml(digestContent(fullInput()));

  test('asks for nothing, complains of nothing and is styled under its own policy', async () => {
    const { page, complaints, requests } = await open(report);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
    expect(await page.locator('h1').textContent()).toMatch(/^Acme: cloud costs, /);
  });

  test('runs no script and loads no picture that were written into it', async () => {
    const forged = report.replace(
      '<main>',
      '<main><script>document.title="forged"</script><img src="https://192.0.2.1/x">',
    );
    const { page, complaints } = await open(forged);
    expect(await page.title()).not.toBe('forged');
    expect(complaints.join('\n')).toMatch(/Content Security Policy/);
  });

  test.each(['light', 'dark'] as const)(
    'can be read in %s: contrast at least 4.5 to 1',
    async (colorScheme) => {
      const { page } = await open(report, { colorScheme });
      expect(await page.evaluate(LEAST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test('fits a phone', async () => {
    const { page } = await open(report, { width: 390 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  });

  test('shows evidence when it is asked for', async () => {
    const { page } = await open(report);
    const cell = page.getByRole('cell', { name: 'CWAgent nvidia_smi_utilization_gpu' }).first();
    expect(await cell.isVisible()).toBe(false);
    await page.getByText('Evidence (1)').first().click();
    expect(await cell.isVisible()).toBe(true);
  });

  test('shows hostile names as the text that they are', async () => {
    const findings = ATTACKS.map((name) => finding({ resourceName: name, region: name, reason: name }));
    const { page, complaints, requests } = await open(digestHtml(digestContent(fullInput({ findings }))));
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    const shown = await page.locator('.findings > tbody > tr > th > bdi').allTextContents();
    const names = ATTACKS.map((name) => plain(name, 80)).filter((name) => name !== '');
    expect(shown).toEqual(expect.arrayContaining(names));
    expect(await page.locator('script, img, iframe, [onmouseover]').count()).toBe(0);
  });
});
