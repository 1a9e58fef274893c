import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { plain } from '../../lib/digest/names.ts';
import { pageScript } from '../../lib/run/page-script.ts';
import { reportBrowser } from '../page/opened.ts';
import { ATTACKS } from './attacks.ts';
import { finding, fullInput } from './inputs.ts';
import { anomalyOf, fullInsight, movedOf } from './insight-inputs.ts';

let script: string;
beforeAll(async () => {
  script = await pageScript();
});

const open = reportBrowser();

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

/** The page with everything, and the script that draws. */
function drawnPage(changes: Parameters<typeof fullInput>[0] = {}): string {
  return digestHtml(digestContent(fullInput({ insight: fullInsight(), ...changes })), { script });
}

/** Colours that a chart is drawn in, by how many of its pixels have them; runs in the page. */
const COLOURS = (id: string) => `(() => {
  const canvas = document.querySelector('#${id} canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Map();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] !== 255) continue;
    const colour = 'rgb(' + data[at] + ', ' + data[at + 1] + ', ' + data[at + 2] + ')';
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return Object.fromEntries(seen);
})()`;

/** What a variable of the stylesheet is, as a colour of a canvas. */
const COLOUR = (name: string) => `(() => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--${name})';
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
})()`;

const CHARTS = ['chart-spend-0', 'chart-movers-0', 'chart-movers-1', 'chart-coverage-0', 'chart-expiry-0'];

describe('the charts of the report', () => {
  test.each(['light', 'dark'] as const)(
    'are drawn in %s, in the colours of the page, under its policy, asking for nothing',
    async (colorScheme) => {
      const { page, complaints, requests } = await open(drawnPage(), { colorScheme });
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      expect(await page.locator('.chart:visible').evaluateAll((all) => all.map(({ id }) => id))).toEqual(
        CHARTS,
      );
      for (const [id, colour] of [
        ['chart-spend-0', 'accent'],
        ['chart-movers-0', 'up'],
        ['chart-coverage-0', 'pale'],
        ['chart-expiry-0', 'warn'],
      ] as const) {
        const seen = await page.evaluate<Record<string, number>>(COLOURS(id));
        expect(seen[await page.evaluate<string>(COLOUR(colour))] ?? 0, `${id} ${colour}`).toBeGreaterThan(
          100,
        );
      }
      // The bars that the script replaces.
      expect(await page.locator('.daily').isVisible()).toBe(false);
    },
  );

  test('follow a change to dark, and are light on paper', async () => {
    const { page } = await open(drawnPage());
    const accents = async () => {
      const seen = await page.evaluate<Record<string, number>>(COLOURS('chart-spend-0'));
      return { light: (seen['rgb(31, 95, 191)'] ?? 0) > 100, dark: (seen['rgb(127, 176, 245)'] ?? 0) > 100 };
    };
    expect(await accents()).toEqual({ light: true, dark: false });
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(accents).toEqual({ light: false, dark: true });
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await expect.poll(accents).toEqual({ light: true, dark: false });
    // A4 is 210 mm wide, 794 CSS pixels; less a centimetre on either side 718: a layout that changes without a
    // redraw, as it does on paper.
    await page.setViewportSize({ width: 718, height: 1000 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(718);
    const outside = await page.evaluate<string[]>(`[...document.querySelectorAll('canvas, table')]
      .filter((each) => each.checkVisibility())
      .filter((each) => {
        const own = each.getBoundingClientRect();
        const card = each.closest('.card').getBoundingClientRect();
        return own.right > card.right + 1 || own.bottom > card.bottom + 1;
      })
      .map((each) => each.outerHTML.slice(0, 200))`);
    expect(outside).toEqual([]);
    const overlaps = await page.evaluate<string[]>(`[...document.querySelectorAll('.chart:not([hidden])')]
      .filter((each) => each.querySelector('canvas').getBoundingClientRect().bottom >
        each.nextElementSibling.nextElementSibling.getBoundingClientRect().top + 1)
      .map(({ id }) => id)`);
    expect(overlaps).toEqual([]);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('each stand beside a table of the same numbers', async () => {
    const { page } = await open(drawnPage());
    await page.getByText('Days as a table (114)').click();
    const cells = await page
      .locator('.days tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(cells).toHaveLength(114);
    expect(cells[0]).toEqual(['Aug 9', '$5,200.12', '', '', '', '', '']);
    expect(cells[40]).toEqual(['Sep 18', '', '', '', '', '', '']);
    expect(cells[86]).toMatchObject({
      0: 'Nov 3',
      6: 'step up: Amazon Elastic Compute Cloud, 111122223333, research',
    });
    expect(cells[90]?.slice(0, 6)).toEqual([
      'Nov 7',
      '',
      '$5,988.37',
      '$5,600.50',
      '$5,100.25 to $6,100.00',
      '$4,900.00 to $6,400.75',
    ]);
  });

  test('are gone through by key, each point read out', async () => {
    const { page } = await open(drawnPage());
    const chart = page.locator('#chart-movers-0');
    const reading = page.locator('#chart-movers-0-point');
    await chart.focus();
    await page.keyboard.press('ArrowDown');
    expect(await reading.textContent()).toBe(
      'Amazon Elastic Compute Cloud (aws), +$7,390 (+43.4%), $4,912 from 3 new resources and $2,478 from more use',
    );
    await page.keyboard.press('ArrowDown');
    expect(await reading.textContent()).toBe('Model usage (openai), +$1,141 (+22.9%)');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await reading.textContent()).toMatch(/^Amazon Elastic Compute Cloud/);
    await page.locator('#chart-spend-0').focus();
    await page.keyboard.press('End');
    expect(await page.locator('#chart-spend-0-point').textContent()).toBe(
      'Nov 30, $5,624 expected, 80%: $4,985 to $6,261, 90%: $4,762 to $6,608',
    );
  });

  test('do not move where less motion is asked for, nor elsewhere', async () => {
    const { page } = await open(drawnPage(), { reducedMotion: 'reduce' });
    const first = await page.locator('#chart-spend-0').screenshot();
    await page.waitForTimeout(500);
    expect(first.equals(await page.locator('#chart-spend-0').screenshot())).toBe(true);
  });

  test('without script the tables and the bars of each day stay', async () => {
    const { page } = await open(drawnPage(), { javaScriptEnabled: false });
    expect(await page.locator('.chart:visible').count()).toBe(0);
    expect(await page.locator('.daily svg').isVisible()).toBe(true);
    await page.getByText('Days as a table (114)').click();
    expect(await page.getByRole('cell', { name: '$5,100.25 to $6,100.00' }).isVisible()).toBe(true);
    for (const title of ['Top movers', 'AI cost drivers', 'Anomalies', 'Commitments'])
      expect(await page.getByRole('heading', { name: title }).isVisible()).toBe(true);
  });

  test('no other script runs than the one whose hash the policy has', async () => {
    const { page, complaints } = await open(
      drawnPage().replace('<main>', '<main><script>document.title="forged"</script>'),
    );
    expect(await page.title()).not.toBe('forged');
    expect(complaints.join('\n')).toMatch(/Content Security Policy/);
    expect(await page.locator('.chart:visible').count()).toBe(CHARTS.length);
  });

  test('names that attack are text, in tables and in what the script is given', async () => {
    const { anomalies, movers, ...rest } = fullInsight();
    const names = [...ATTACKS, '</script><img src=x onerror=alert(1)>', '<!--<script>'];
    const insight = {
      ...rest,
      anomalies: {
        ...anomalies,
        rows: names.map((name) =>
          anomalyOf({
            key: { service: name, team: name },
            owner: { id: name },
            causes: [{ kind: 'tag', value: name, difference: '1', share: 1 }],
          }),
        ),
      },
      movers: {
        ...movers,
        rows: names.map((name) => movedOf({ key: ['aws', name], former: '1', current: '2' })),
        drivers: names.map((name) => ({
          ...movedOf(),
          of: { service: name, model: name, team: name },
        })),
      },
    };
    const byService = names.map((service) => ({
      provider: 'aws',
      service,
      currency: 'USD',
      current: '2',
      former: '1',
    }));
    const { page, complaints, requests } = await open(drawnPage({ insight, byService }));
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    expect(await page.locator('script').count()).toBe(3);
    expect(await page.locator('img, iframe, [onmouseover], [onerror]').count()).toBe(0);
    expect(await page.locator('#chart-spend-0 canvas').count()).toBe(1);
    const shown = await page.getByRole('rowheader').allTextContents();
    expect(shown.join('\n')).toContain('</script><img src=x onerror=alert(1)>');
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing against WCAG 2.2 AA in %s, folded out or not',
    async (colorScheme) => {
      const { page } = await open(drawnPage(), { colorScheme });
      await page.evaluate(await readFile(inject('axe'), 'utf8'));
      const judge = () =>
        page.evaluate<{ passes: number; violations: string[] }>(`axe
          .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then(({ passes, violations }) => ({
            passes: passes.length,
            violations: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
          }))`);
      const folded = await judge();
      expect(folded.violations).toEqual([]);
      expect(folded.passes).toBeGreaterThan(20);
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      expect((await judge()).violations).toEqual([]);
    },
  );

  test('fit a phone', async () => {
    const { page } = await open(drawnPage(), { width: 390 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect((await page.locator('#chart-spend-0').boundingBox())?.width).toBeLessThanOrEqual(390);
  });
});
