import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { ReportDetail } from '../../lib/digest/detail-model.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { plain } from '../../lib/digest/names.ts';
import type { Finding } from '../../lib/ledger/model.ts';
import { pageScript } from '../../lib/run/page-script.ts';
import { ATTACKS } from '../digest/attacks.ts';
import { detailOf, findingDetail, leaves, tableOf } from '../digest/details.ts';
import { emptyInput, finding, fullInput, usd } from '../digest/inputs.ts';
import { fullInsight } from '../digest/insight-inputs.ts';
import { type Opened, type OpenOptions, reportBrowser } from './opened.ts';

let script: string;
beforeAll(async () => {
  script = await pageScript();
});

const open = reportBrowser();

/** Opens a report, and waits until its script has made it live. */
async function opened(html: string, options: OpenOptions = {}): Promise<Opened> {
  const shown = await open(html, options);
  if (options.javaScriptEnabled !== false && options.before === undefined)
    await shown.page.locator('html.live').waitFor({ state: 'attached' });
  return shown;
}

function idOf(at: number): string {
  return `f-${String(at).padStart(26, 'a')}`;
}

/** Sixty machines of two owners, the dearest first; every third is of another check. */
function fleet(): Finding[] {
  return Array.from({ length: 60 }, (_, at) =>
    finding({
      id: idOf(at),
      resourceName: `machine-${at}`,
      monthlySaving: usd(`${6000 - at * 100}`),
      monthlyCost: usd(`${100 + at}`),
      owner: at % 2 === 0 ? { id: 'ana@acme.example', source: 'tag owner', confidence: 'high' } : null,
      ...(at % 3 === 0 ? { check: 'idle-database', severity: 'low', provider: 'gcp' } : {}),
      firstSeen: new Date(Date.UTC(2026, 9, 1 + (at % 30))).toISOString(),
    }),
  );
}

function pageOf(findings: readonly Finding[], changes: Partial<ReportDetail> = {}, name?: string): string {
  const content = digestContent(fullInput({ findings, insight: fullInsight() }));
  return digestHtml(content, { script, detail: detailOf(content, name, changes), beside: '2026-11-02' });
}

const titles = (page: Page) => page.locator('.findings > tbody > tr > th a').allTextContents();
const status = (page: Page) => page.getByRole('status').textContent();

/** Rows of spend as they are now. */
const parts = (page: Page) =>
  page
    .locator('#spend-view tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

/** What axe finds against WCAG 2.2 AA in what is shown now. */
async function violations(page: Page): Promise<{ passes: number; found: string[] }> {
  await page.evaluate(await readFile(inject('axe'), 'utf8'));
  return await page.evaluate(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ passes, violations }) => ({
      passes: passes.length,
      found: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' ')),
    }))`);
}

describe('the table of findings', () => {
  test('is gone through page by page', async () => {
    const { page } = await opened(pageOf(fleet()));
    expect(await status(page)).toBe('1 to 25 of 60.');
    expect((await titles(page)).slice(0, 2)).toEqual(['machine-0', 'machine-1']);
    expect(await page.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await status(page)).toBe('51 to 60 of 60.');
    expect(await titles(page)).toHaveLength(10);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
  });

  test('narrows by check, owner and search, together and back', async () => {
    const { page } = await opened(pageOf(fleet()));
    await page.getByLabel('Check', { exact: true }).selectOption('idle-database');
    expect(await status(page)).toBe('1 to 20 of 20 (of 60 in all).');
    await page.getByLabel('Owner', { exact: true }).fill('ana');
    expect(await status(page)).toBe('1 to 10 of 10 (of 60 in all).');
    expect(await titles(page)).toEqual(Array.from({ length: 10 }, (_, at) => `machine-${at * 6}`));
    await page.getByLabel('Search', { exact: true }).fill('machine-12');
    expect(await titles(page)).toEqual(['machine-12']);
    await page.getByLabel('Search', { exact: true }).fill('nothing like it');
    expect(await status(page)).toBe('None of 60 findings.');
    await page.getByLabel('Search', { exact: true }).fill('');
    await page.getByLabel('Owner', { exact: true }).fill('no known owner');
    expect(await status(page)).toBe('1 to 10 of 10 (of 60 in all).');
    await page.getByLabel('Owner', { exact: true }).fill('');
    await page.getByLabel('Check', { exact: true }).selectOption('');
    for (const [label, value, count] of [
      ['Severity', 'low', 20],
      ['Provider', 'gcp', 20],
      ['State', 'detected', 60],
      ['Verdict', 'IDLE', 60],
    ] as const) {
      await page.getByLabel(label, { exact: true }).selectOption(value);
      expect(await status(page)).toMatch(new RegExp(` of ${count}[ .]`));
      await page.getByLabel(label, { exact: true }).selectOption('');
    }
  });

  test('sorts by its headings, by key as well, and says which way', async () => {
    const { page } = await opened(pageOf(fleet()));
    const heading = (name: string) => page.locator('.findings thead th', { hasText: name });
    expect(await heading('Saving a month').getAttribute('aria-sort')).toBe('descending');
    await heading('Cost a month').getByRole('button').click();
    expect(await heading('Cost a month').getAttribute('aria-sort')).toBe('descending');
    expect(await heading('Saving a month').getAttribute('aria-sort')).toBeNull();
    expect((await titles(page))[0]).toBe('machine-59');
    await heading('Cost a month').getByRole('button').press('Enter');
    expect(await heading('Cost a month').getAttribute('aria-sort')).toBe('ascending');
    expect((await titles(page))[0]).toBe('machine-0');
    await page.getByLabel('Sort by').selectOption('title');
    expect(await heading('Resource').getAttribute('aria-sort')).toBe('ascending');
    expect((await titles(page)).slice(0, 3)).toEqual(['machine-0', 'machine-1', 'machine-10']);
  });

  test('without script its dearest rows stay, and what is not shown is told', async () => {
    const many = [...fleet(), ...fleet().map((each, at) => ({ ...each, id: idOf(1000 + at) }))];
    const { page } = await opened(pageOf(many), { javaScriptEnabled: false });
    expect(await page.locator('.findings > tbody > tr').count()).toBe(100);
    expect(await page.locator('.findings > caption').textContent()).toBe(
      '120 open, the largest saving first; 20 more are not shown here: all of them are in 2026-11-02/findings.csv',
    );
    expect(await page.locator('#waste-tools').isVisible()).toBe(false);
    expect(await page.getByText('Spend of the period by team', { exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole('heading', { name: 'AI', exact: true }).isVisible()).toBe(true);
  });
});

test('a browser that cannot unpack the rows keeps the first of them, and the page says so', async () => {
  const html = pageOf(fleet());
  const note = 'this browser has not unpacked them';
  const whole = await opened(html);
  expect(await whole.page.getByText(note).isVisible()).toBe(false);
  const damaged = html.replace(/(id="page-rows">.{40})..../, '$1AAAA');
  expect(damaged).not.toBe(html);
  for (const [page, before, complained] of [
    [html, 'delete globalThis.DecompressionStream', 0],
    [damaged, '0', 1],
  ] as const) {
    const broken = await opened(page, { before });
    await broken.page.getByText(note).waitFor();
    expect(await broken.page.locator('.findings > tbody > tr').count()).toBe(60);
    expect(await broken.page.locator('#waste-tools').isVisible()).toBe(false);
    expect(await broken.page.locator('#chart-spend-0 canvas').isVisible()).toBe(true);
    expect(broken.complaints).toHaveLength(complained);
  }
});

describe("a finding's page", () => {
  const one = finding({ resourceName: 'llm-trainer' });
  const other = finding({ resourceName: 'render', monthlySaving: usd('10') });

  test('opens from the table with evidence, plot, arithmetic and history, and leads back to where one was', async () => {
    const { page, complaints } = await opened(pageOf([one, other]));
    await page.getByLabel('Search', { exact: true }).fill('render');
    await page.getByRole('link', { name: 'render' }).focus();
    await page.keyboard.press('Enter');
    const view = page.locator('#finding');
    expect(await view.getByRole('heading', { level: 1 }).textContent()).toBe('render');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    expect(await page.locator('main:not([id])').isVisible()).toBe(false);
    for (const text of [
      'ml-platform@acme.example, by research',
      'stop after 2 business days: research',
      'One device at 5% or more: no finding. research',
      'Work that uses no GPU is not seen.',
      'CWAgent nvidia_smi_utilization_gpu',
      'AWS Compute Optimizer: research',
      'detected to warned',
    ])
      expect({ text, shown: await view.getByText(text).first().isVisible() }).toEqual({ text, shown: true });
    expect(await view.locator('canvas').count()).toBe(1);
    const rows = await view
      .getByRole('table', { name: 'All lines but the last' })
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent)));
    expect(rows).toEqual([
      ['cost of the month', '$900.00'],
      ['goes on billing: volumes', '-$12.50'],
      ['saved when it stops', '$887.50'],
    ]);
    await view.getByRole('button', { name: 'Back to the report' }).click();
    await page.locator('main:not([id])').waitFor();
    expect(await view.isVisible()).toBe(false);
    expect(await titles(page)).toEqual(['render']);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('render');
    expect(complaints).toEqual([]);
  });

  test('has a link of its own, and the back button of the browser works', async () => {
    const { page } = await opened(pageOf([one, other]), { hash: `#${one.id}` });
    const title = page.locator('#finding h1');
    expect(await title.textContent()).toBe('llm-trainer');
    await page.getByRole('button', { name: 'Back to the report' }).click();
    await page.locator('#waste').waitFor();
    await page.getByRole('link', { name: 'render' }).click();
    expect(await title.textContent()).toBe('render');
    await page.goBack();
    await page.locator('#finding').waitFor({ state: 'hidden' });
    await page.goForward();
    await expect.poll(() => title.textContent()).toBe('render');
  });

  test.each(['#f-unknown', '#f-%', '#f-<img src=x onerror=alert(1)>'])(
    'says so where there is none of that id: %s',
    async (hash) => {
      const { page, complaints } = await opened(pageOf([one]), { hash });
      expect(await page.locator('#finding h1').textContent()).toBe('This finding is not in this page');
      expect(await page.locator('img').count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  test('its plot is read out by key, and every point stands in a table', async () => {
    const { page } = await opened(pageOf([one]), { hash: `#${one.id}` });
    await page.locator('#finding .plot').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('#finding .point').textContent()).toBe(
      '11-02 08:00, device 0: 0%, device 1: 1%',
    );
    await page.locator('#finding summary').click();
    // The table is filled when the browser tells that it is open, which is after the click.
    await page.locator('#finding details tbody tr').first().waitFor();
    const cells = await page
      .locator('#finding details tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(cells).toHaveLength(168);
    expect(cells[1]).toEqual(['11-02 09:00', '1', '2']);
    expect(cells[40]?.[1]).toBe('');
  });

  test('tells what this page does not hold', async () => {
    const bare = new Map([
      [one.id, findingDetail('x', { history: null, series: [], saving: [], wouldChange: [] })],
    ]);
    const { page } = await opened(pageOf([one], { findings: bare }), { hash: `#${one.id}` });
    expect(await page.getByText('Not in this page: bursar history tells it.').isVisible()).toBe(true);
    expect(await page.getByText('No steps are kept.').isVisible()).toBe(true);
  });
});

describe('spend', () => {
  test('is gone through from team to resource and back, by key', async () => {
    const { page } = await opened(pageOf(fleet()));
    expect(await parts(page)).toEqual([
      ['research', '$6,500.88'],
      ['(no team)', '$55.12'],
      ['support', '-$20.00'],
    ]);
    await page.locator('#spend-view').getByRole('button', { name: 'research' }).press('Enter');
    expect(await parts(page)).toEqual([
      ['Amazon EC2', '$5,000.75'],
      ['Amazon Bedrock', '$1,500.12'],
    ]);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('research');
    await page.locator('#spend-view .chart').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#spend-view .point').textContent()).toBe('Amazon EC2, $5,000.75');
    await page.keyboard.press('Enter');
    expect(await parts(page)).toEqual([
      ['i-0aaa', '$4,100.25'],
      ['i-0bbb', '$900.50'],
    ]);
    await page.locator('.crumbs').getByRole('button', { name: 'All by team' }).click();
    expect((await parts(page))[0]).toEqual(['research', '$6,500.88']);
    await page.getByLabel('Parted by').selectOption('Service');
    expect((await parts(page))[0]).toEqual(['Amazon EC2', '$5,000.75']);
    await page.getByLabel('Currency').selectOption('EUR');
    expect(await parts(page)).toEqual([['Compute Engine', '€1,830.20']]);
  });

  test('opens a part that is clicked in the picture', async () => {
    const { page } = await opened(pageOf(fleet()));
    await page.locator('#spend-view .chart').scrollIntoViewIfNeeded();
    const box = await page.locator('#spend-view .chart').boundingBox();
    await page.mouse.click((box?.x ?? 0) + 60, (box?.y ?? 0) + 100);
    await expect.poll(async () => (await parts(page))[0]).toEqual(['Amazon EC2', '$5,000.75']);
  });

  test('of 2,000 teams the first stand at once and all of them where that is asked for', async () => {
    const rows = Array.from({ length: 2000 }, (_, at) => ({
      ...leaves()[0],
      team: `team-${at}`,
      service: 's',
      model: '',
      resource: `r-${at}`,
      currency: 'USD',
      effective: `${2000 - at}.5`,
    }));
    const spend = { window: { start: '', end: '' }, rows, source: 'bills' };
    const { page } = await opened(pageOf(fleet(), { spend }));
    expect(await parts(page)).toHaveLength(25);
    await page.getByRole('button', { name: 'Show all 2000' }).click();
    const all = await parts(page);
    expect(all).toHaveLength(2000);
    expect(all.at(-1)).toEqual(['team-1999', '$1.50']);
  });
});

describe('the whole page', () => {
  test.each(['light', 'dark'] as const)(
    'axe finds nothing in %s, in the report and in a finding',
    async (colorScheme) => {
      const findings = fleet();
      const { page } = await opened(pageOf(findings), { colorScheme });
      const report = await violations(page);
      expect(report.found).toEqual([]);
      expect(report.passes).toBeGreaterThan(25);
      await page.evaluate(`location.hash = '${findings[0]?.id ?? ''}'`);
      await page.locator('#finding h1').waitFor();
      await page.evaluate(
        'for (const each of document.querySelectorAll("#finding details")) each.open = true',
      );
      const view = await violations(page);
      expect(view.found).toEqual([]);
      expect(view.passes).toBeGreaterThan(15);
    },
  );

  test('names that attack are text everywhere, and ask for nothing', async () => {
    const names = [
      ...ATTACKS,
      '</script><img src=x onerror=alert(1)>',
      'javascript:alert(1)',
      '<!--<script>',
    ];
    const hostile = names.map((name, at) =>
      finding({ id: idOf(at), resourceName: name, region: name, reason: name, blindSpots: [name] }),
    );
    const lines = digestContent(fullInput({ findings: hostile })).findings;
    const rows = names.flatMap((name) => tableOf(name).rows);
    const { page, complaints, requests } = await opened(
      pageOf(hostile, {
        findings: new Map(names.map((name, at) => [idOf(at), findingDetail(name)])),
        spend: { window: { start: '', end: '' }, rows: names.flatMap((name) => leaves(name)), source: '' },
        ai: names.map((name, at) => ({
          id: `ai-${at}`,
          title: 'AI spend by team',
          tables: [{ ...tableOf(name), id: `ai-table-${at}` }],
          notes: [name],
          connect: null,
        })),
        stops: { ...tableOf(), rows, id: 'stops', caption: 'Each stop' },
        quality: {
          scopes: names.map((name) => ({ scope: name, status: 'failed', reason: name, asOf: null })),
          bills: { ...tableOf(), rows, id: 'bills', caption: 'Bills' },
          notes: names,
        },
      }),
    );
    const harmless = async () => {
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      expect(await page.locator('script').count()).toBe(3);
      expect(await page.locator('img, iframe, [onmouseover], [onerror]').count()).toBe(0);
      const links = await page
        .locator('a')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
      expect(links.filter((href) => !/^#[a-z0-9-]+$/.test(href))).toEqual([]);
    };
    await harmless();
    const shown = lines.map(({ findingId, title }) => ({ findingId, name: plain(title, 80) || '(no name)' }));
    expect(shown).toHaveLength(names.length);
    expect((await titles(page)).toSorted()).toEqual(shown.map(({ name }) => name).toSorted());
    const title = page.locator('#finding h1');
    for (const { findingId, name } of shown) {
      await page.evaluate(`location.hash = '${findingId}'`);
      await expect.poll(() => title.textContent()).toBe(name);
      expect(await page.locator('#finding').isVisible()).toBe(true);
      await harmless();
    }
  });

  test.each([
    ['an empty company', () => digestContent(emptyInput())],
    [
      'amounts without decimals, and totals below zero',
      () =>
        digestContent(
          fullInput({
            findings: [finding({ monthlySaving: { amount: '120000', currency: 'JPY' } })],
            spend: [{ currency: 'JPY', current: '-5000', former: '12000', estimated: false }],
          }),
        ),
    ],
  ])('stands for %s', async (_, content) => {
    const made = content();
    const html = digestHtml(made, {
      script,
      detail: detailOf(made, 'x', made.asOf === null ? { spend: null, ai: [], stops: null } : {}),
    });
    const { page, complaints } = await opened(html);
    expect(complaints).toEqual([]);
    expect((await violations(page)).found).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1100);
  });

  test('fits a phone, in the report and in a finding', async () => {
    const findings = fleet();
    const { page } = await opened(pageOf(findings), { width: 390 });
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBeLessThanOrEqual(390);
    await page.evaluate(`location.hash = '${findings[0]?.id ?? ''}'`);
    await page.locator('#finding h1').waitFor();
    expect(await width()).toBeLessThanOrEqual(390);
  });

  test('prints the report whole and a finding by itself, without what paper cannot do', async () => {
    const findings = fleet();
    const { page } = await opened(pageOf(findings));
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 718, height: 1000 });
    for (const tool of ['#waste-tools', '.parts', '#waste-pages'])
      expect({ tool, shown: await page.locator(tool).isVisible() }).toEqual({ tool, shown: false });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(718);
    const report = await page.pdf({ format: 'A4' });
    await page.evaluate(`location.hash = '${findings[0]?.id ?? ''}'`);
    await page.locator('#finding h1').waitFor();
    const single = await page.pdf({ format: 'A4' });
    expect(single.length).toBeLessThan(report.length);
  });

  test('10,000 findings are all there, and each is found', async () => {
    const findings = Array.from({ length: 10_000 }, (_, at) =>
      finding({ id: idOf(at), resourceName: `machine-${at}`, monthlySaving: usd(`${10_000 - at}`) }),
    );
    const { page, complaints } = await opened(pageOf(findings));
    expect(await status(page)).toBe('1 to 25 of 10000.');
    await page.getByLabel('Search', { exact: true }).fill('machine-9999');
    expect(await titles(page)).toEqual(['machine-9999']);
    expect(complaints).toEqual([]);
  });
});
