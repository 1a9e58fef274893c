import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type BacktestPage, backtestHtml } from '../../lib/digest/html-backtest.ts';
import { tryAnomalies, tryForecast } from '../../lib/run/backtest.ts';
import { backtestFile } from '../../lib/run/backtest-commitments.ts';
import { anomalyPage, commitmentPage, forecastPage } from '../../lib/run/backtest-page.ts';
import { pageScript } from '../../lib/run/page-script.ts';
import { billDays, START } from '../analysis/generated.ts';

const DAY_MS = 86_400_000;

let browser: Browser;
let folder: string;
let script: string;

beforeAll(async () => {
  script = await pageScript();
  browser = await chromium.launch({ ...inject('browser'), headless: true });
  folder = await mkdtemp(join(tmpdir(), 'bursar-backtest-'));
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** A year of days, with one day of ten times its cost; a name that would be markup. */
async function data(name = 'days<b>.csv'): Promise<string> {
  const path = join(folder, name);
  const lines = billDays(7, false).map((value, at) => {
    const day = new Date(Date.parse(START) + at * DAY_MS).toISOString();
    return `${day},${at === 300 ? value * 10 : value},${at === 300 ? 1 : 0}`;
  });
  await writeFile(path, `timestamp,value,label\n${lines.join('\n')}\n`);
  return path;
}

async function open(report: BacktestPage, javaScriptEnabled = true) {
  const file = join(folder, 'backtest.html');
  await writeFile(file, backtestHtml(report, script));
  const page = await browser.newPage({ javaScriptEnabled });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(pathToFileURL(file).href)) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

/** Pixels of the one chart that are not its ground. */
const INK = `(() => {
  const canvas = document.querySelector('.chart canvas');
  if (canvas === null) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((alpha, at) => at % 4 === 3 && alpha > 0).length;
})()`;

describe('back-tests as pages', () => {
  test('of forecasts: scores, a plot of every step, and the steps', async () => {
    const trial = await tryForecast(await data(), null);
    const { page, complaints } = await open(forecastPage(trial));
    expect(await page.evaluate(INK)).toBeGreaterThan(1000);
    expect(await page.locator('h2').first().textContent()).toContain('days<b>.csv');
    const [tried] = trial.tried;
    if (tried === undefined || 'notEnough' in tried.result) throw new Error('nothing was tried');
    const { scores, scored } = tried.result;
    const row = await page.locator('table').first().locator('tbody tr').first().textContent();
    expect(row).toContain(`${Number(scores.mape?.toPrecision(4))}%`);
    expect(await page.locator('details tbody tr').count()).toBe(scored.length);
    await page.locator('.chart').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.point').textContent()).toContain(scored[0]?.at.slice(0, 10));
    expect(complaints).toEqual([]);
  });

  test('of anomalies: the alarm stands in the plot and in the table', async () => {
    const trial = await tryAnomalies(await data(), null, 0);
    const { page, complaints } = await open(anomalyPage(trial));
    expect(await page.evaluate(INK)).toBeGreaterThan(1000);
    const day = new Date(Date.parse(START) + 300 * DAY_MS).toISOString().slice(0, 10);
    expect(await page.locator('details tbody th').allTextContents()).toContain(day);
    const drawn = anomalyPage(trial).sections[0]?.chart?.drawn;
    if (drawn?.kind !== 'spend') throw new Error('no chart');
    expect(drawn.points.filter(({ anomaly }) => anomaly).map(({ label }) => label)).toContain(day);
    expect(await page.locator('table').first().textContent()).toContain('1 known windows, 1 caught');
    expect(complaints).toEqual([]);
  });

  test('of commitments: what each window would have saved', async () => {
    const hours = Array.from({ length: 24 * 200 }, (_, at) => {
      const time = new Date(Date.parse(START) + (at * DAY_MS) / 24).toISOString();
      return `${time},${at % 24 < 12 ? 10 : 6}`;
    });
    const report = backtestFile(`timestamp,value\n${hours.join('\n')}\n`, 'hours.csv', {
      discount: '0.3',
      term: '1y',
    });
    const { page, complaints } = await open(commitmentPage(report));
    expect(await page.evaluate(INK)).toBeGreaterThan(1000);
    const result = report.series[0]?.result;
    if (result === undefined || 'notEnough' in result) throw new Error('nothing was tried');
    expect(await page.locator('details tbody tr').count()).toBe(result.windows.length);
    expect(complaints).toEqual([]);
  });

  test('without script the tables stand; too little says so', async () => {
    const { page } = await open(forecastPage(await tryForecast(await data(), null)), false);
    expect(await page.locator('.chart').isVisible()).toBe(false);
    expect(await page.locator('table').first().isVisible()).toBe(true);
    const path = join(folder, 'few.csv');
    await writeFile(path, 'timestamp,value\n2026-01-01,1\n2026-01-02,2\n');
    const few = await open(forecastPage(await tryForecast(path, null)));
    expect(await few.page.locator('main').textContent()).toContain('Not enough to tell:');
    expect(await few.page.locator('table, .chart').count()).toBe(0);
    expect(few.complaints).toEqual([]);
  });
});
