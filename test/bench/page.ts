/** The report page with 10,000 findings in headless Chromium: `node test/bench/page.ts`, or a part of `npm run bench`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { pageScript } from '../../lib/run/page-script.ts';
import { unpackBrowser } from '../counterparts/browser.ts';
import { detailOf } from '../digest/details.ts';
import { finding, fullInput, usd } from '../digest/inputs.ts';
import { fullInsight } from '../digest/insight-inputs.ts';
import { median } from './report.ts';

const FINDINGS = 10_000;
const ROUNDS = 5;

export interface PageFigures {
  /** Of the file. */
  readonly bytes: number;
  /** Median of the time from the navigation until every row can be searched, ms. */
  readonly opens: number;
  /** The slowest of the filters, from the key to the rows that are laid out, ms. */
  readonly filters: number;
  /** From the click to the finding with its plot, ms. */
  readonly finding: number;
}

/** Opens, filters and sorts the page as a reader would, in a browser that draws with the processor alone. */
export async function benchPage(): Promise<PageFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-bench-page-'));
  const browser = await chromium.launch({ ...(await unpackBrowser()), headless: true });
  try {
    const html = await reportOf(FINDINGS);
    const file = join(folder, 'report.html');
    await writeFile(file, html);
    const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    const address = pathToFileURL(file).href;
    const opens: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto('about:blank');
      await page.goto(address);
      await page.locator('html.live').waitFor({ state: 'attached' });
      opens.push(await page.evaluate<number>('performance.now()'));
    }
    return {
      bytes: Buffer.byteLength(html),
      opens: median(opens),
      filters: Math.max(...(await filters(page))),
      finding: await inPage(page, "location.hash = document.querySelector('.findings a').hash"),
    };
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOf(count: number): Promise<string> {
  const findings = Array.from({ length: count }, (_, at) =>
    finding({
      id: `f-${String(at).padStart(26, 'a')}`,
      resourceName: `machine-${at}`,
      monthlySaving: usd(`${count - at}.5`),
      owner: { id: `owner-${at % 2000}@acme.example`, source: 'tag owner', confidence: 'high' },
      check: ['idle-gpu', 'untagged', 'idle-database', 'unattached-volume'][at % 4] ?? 'idle-gpu',
      // As hard to press as real ids are.
      reason: `Every device stayed under 5% for ${(at * 7919) % 168} hours (${((at + 1) * 2654435761) % 4294967296}).`,
    }),
  );
  const content = digestContent(fullInput({ findings, insight: fullInsight() }));
  return digestHtml(content, { script: await pageScript(), detail: detailOf(content) });
}

/** What a reader does with a control, by its label; runs in the page. */
const type = (label: string, text: string, event: string) => `(() => {
  const label = [...document.querySelectorAll('.tool label')].find((each) => each.textContent === '${label}');
  const control = document.getElementById(label.htmlFor);
  control.value = '${text}';
  control.dispatchEvent(new Event('${event}'));
})()`;

/** Each filter in ms: by word, by part of a word, by value, by owner, and the other way round. */
async function filters(page: Page): Promise<number[]> {
  const steps = [
    type('Search', 'm', 'input'),
    type('Search', 'machine-99 owner-1', 'input'),
    type('Search', '', 'input'),
    type('Check', 'untagged', 'change'),
    type('Owner', 'owner-77', 'input'),
    type('Owner', '', 'input'),
    type('Check', '', 'change'),
    type('Sort by', 'title', 'change'),
    type('Sort by', 'saving', 'change'),
  ];
  const took: number[] = [];
  for (const step of steps) took.push(await inPage(page, step));
  return took;
}

/** How long a step takes in the page, with the layout that follows from it. */
async function inPage(page: Page, step: string): Promise<number> {
  return await page.evaluate<number>(`new Promise((resolve) => {
    const start = performance.now();
    ${step};
    setTimeout(() => { document.body.offsetHeight; resolve(performance.now() - start); }, 0);
  })`);
}

if (import.meta.main) {
  const { bytes, opens, filters: filter, finding: view } = await benchPage();
  process.stdout.write(
    `${FINDINGS} findings: ${(bytes / 1e6).toFixed(2)} MB, opens in ${opens.toFixed(0)} ms, slowest filter ${filter.toFixed(0)} ms, a finding ${view.toFixed(0)} ms\n`,
  );
}
