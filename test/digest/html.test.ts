import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { anyInput, anyInsight } from './arbitrary.ts';
import { name as anyName } from './attacks.ts';
import { detailOf } from './details.ts';
import { emptyInput, fullInput } from './inputs.ts';
import { forecastOf, fullInsight } from './insight-inputs.ts';

test('the policy allows the one stylesheet and nothing else', () => {
  const page = digestHtml(digestContent(fullInput()));
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
  );
  expect(page).not.toMatch(/<script|<link|<img|<iframe|style="|href=(?!"#)|src=|url\(|@import/i);
});

test('with a script the policy allows that one too, by its hash', () => {
  const script = 'document.title = "drawn"';
  const page = digestHtml(digestContent(fullInput({ insight: fullInsight() })), { script });
  const hash = createHash('sha256').update(script).digest('base64');
  expect(page).toContain(`default-src &#39;none&#39;; script-src &#39;sha256-${hash}&#39;; style-src`);
  expect(page.match(/<script/g)).toHaveLength(3);
  expect(page).toContain(`<script>${script}</script>`);
  expect(page).not.toMatch(/<link|<img|<iframe|style="|href=(?!"#)|src=|url\(|@import|unsafe/i);
});

test.each(['"</script>"', '"</SCRIPT "', '"<!--"'])(
  'a script that holds %s would end early: none is written',
  (script) => {
    expect(() => digestHtml(digestContent(emptyInput()), { script })).toThrow(RangeError);
  },
);

test('what is not there says what to connect', () => {
  const page = digestHtml(digestContent(emptyInput()));
  for (const line of [
    'No bill was read: connect one under sources, or name files with --bills.',
    'None is judged: there is no bill. Connect one under sources.',
    'None was looked for: there is no bill. Connect one under sources.',
    'Nothing is known of them: there is no bill. Connect one under sources.',
    'None is open: no resource was looked at.',
  ])
    expect(page).toContain(line);
  const { anomalies, movers } = fullInsight();
  const little = digestHtml(
    digestContent(
      fullInput({
        insight: fullInsight({
          forecasts: [
            forecastOf({ settled: [], expected: [], month: null, notEnough: '3 known days; 28 are needed.' }),
          ],
          budgets: [],
          anomalies: { ...anomalies, rows: [] },
          movers: { ...movers, drivers: [] },
        }),
      }),
    ),
  );
  for (const line of [
    'No forecast: 3 known days; 28 are needed.',
    'The config names none: list them under budgets.',
    'Nothing off by 10 or more.',
    'No AI spend moved. Bills of AI vendors are connected under sources.',
  ])
    expect(little).toContain(line);
});

test('of a team it does not say that there is no bill, nor that the config names no budget', () => {
  const { anomalies } = fullInsight();
  const none = { window: null, held: [], coverage: [], advice: [], untold: [] };
  const insight = fullInsight({ budgets: [], commitments: none, anomalies: { ...anomalies, rows: [] } });
  const page = digestHtml(digestContent(fullInput({ audience: { kind: 'team', team: 'search' }, insight })));
  expect(page).toContain(
    'They are of the whole organisation, and so is what is told of them: its own report has it.',
  );
  expect(page).toContain('None is of this team alone: list one under budgets, with the team in its where.');
  expect(page).toContain('series of the whole organisation judged on settled days');
  expect(page).not.toMatch(/there is no bill|The config names none/);
});

test('every table has a caption and every header cell its scope', () => {
  const page = digestHtml(digestContent(fullInput({ insight: fullInsight() })));
  expect(page.match(/<table/g)?.length).toBe(page.match(/<caption>[^<]/g)?.length);
  expect(page.match(/<th(?! scope="(col|row)")[ >]/g)).toBeNull();
  expect(page.match(/<h1>/g)).toHaveLength(1);
});

test('of thousands of commitments those that end first are told, and how many there are besides', () => {
  const { commitments, ...insight } = fullInsight();
  const held = Array.from({ length: 3000 }, (_, at) => ({
    id: `ri-${at}`,
    name: null,
    programme: 'EC2 reservation',
    provider: 'aws',
    used: { amount: '1', currency: 'USD' },
    unused: { amount: '0', currency: 'USD' },
    utilisation: '1',
    ends: '2027-03-01T00:00:00.000Z',
  }));
  const content = digestContent(
    fullInput({ insight: { ...insight, commitments: { ...commitments, held } } }),
  );
  const page = digestHtml(content, { script: 'draw()' });
  expect(page).toContain('what ends first at the top; 2,950 more are in bursar commitments');
  expect(page.match(/<bdi>ri-\d+</g)).toHaveLength(50);
  expect(page).toContain('"ri-9","and 2,990 more"');
});

const TAGS = new Set(
  'html head meta title style script body main header nav a pre code h1 h2 h3 ol p dl div dt dd span bdi section figure figcaption svg line text rect table caption thead tbody tr th td details summary ul li strong footer !doctype'.split(
    ' ',
  ),
);

test('whatever names hold, the page has only our own elements and attributes', () => {
  fc.assert(
    fc.property(anyInput, anyInsight, anyName, (input, insight, name) => {
      const content = digestContent({ ...input, insight });
      const page = digestHtml(content, { script: 'draw()', detail: detailOf(content, name) });
      // Of thousands of elements those that are not ours: an assertion of each took nearly all of the time.
      const foreign = [...page.matchAll(/<\/?([^\s>/]+)((?:"[^"]*"|[^">])*)>/g)].filter(
        ([, tag = '', rest = '']) =>
          !TAGS.has(tag) ||
          /\son\w+=/.test(rest.replaceAll(/"[^"]*"/g, '')) ||
          /\s(?:href|src|action)="(?!#[a-z]+")/.test(rest),
      );
      expect(foreign).toEqual([]);
      expect(page).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 40 },
  );
});
