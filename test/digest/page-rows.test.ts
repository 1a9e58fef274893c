import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import type { PageRows } from '../../lib/digest/page-model.ts';
import { type PackedRows, packRows } from '../../lib/digest/page-rows.ts';
import { name } from './attacks.ts';
import { detailOf } from './details.ts';
import { finding, fullInput, usd } from './inputs.ts';

const FORMAT = digestFormat('Europe/Berlin');

function unpacked({ text }: PackedRows): PageRows {
  return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
}

test('a finding is packed with everything that its page tells, as text', () => {
  const content = digestContent(fullInput());
  const { findings } = unpacked(packRows(content, detailOf(content), FORMAT));
  expect(findings).toHaveLength(content.findings.length);
  const [first] = findings;
  expect(first).toMatchObject({
    title: 'llm-finetune-3',
    saving: '$8,812',
    state: 'detected',
    evidence: [
      [
        'highest GPU utilisation',
        '0.4 percent',
        '2026-11-02 00:00 to 2026-11-09 00:00 UTC',
        'CWAgent nvidia_smi_utilization_gpu',
      ],
    ],
  });
  expect(first?.more?.facts).toEqual([
    ['Owner', 'ml-platform@acme.example, by research'],
    ['First seen', 'Oct 28, 2026, 10:00 GMT+1'],
    ['Last seen', 'Nov 9, 2026, 09:00 GMT+1'],
    ['Policy', 'stop after 2 business days: research'],
    ['Acted on', 'Nov 12, 2026, 09:00 GMT+1'],
    ['Held', 'snooze until Nov 11, 2026, 09:00 GMT+1: research'],
  ]);
  expect(first?.more?.saving.map(([what, amount]) => [what, amount])).toEqual([
    ['cost of the month', '$900.00'],
    ['goes on billing: volumes', '-$12.50'],
    ['saved when it stops', '$887.50'],
  ]);
  expect(first?.more?.history?.map(([, state]) => state)).toEqual(['detected', 'detected to warned']);
  expect(first?.more?.series?.map(({ name: series, values }) => [series, values.length])).toEqual([
    ['device 0', 168],
    ['device 1', 168],
  ]);
});

test('spend begins with the currency that all else begins with, in whatever order its rows came', () => {
  const rows = ['KWD', 'EUR', 'USD'].map((currency) => ({
    team: 'a',
    service: 's',
    model: '',
    resource: 'r',
    currency,
    effective: '1',
  }));
  const spend = ['USD', 'KWD', 'EUR'].map((currency) => ({
    currency,
    current: '1',
    former: null,
    estimated: false,
  }));
  const content = digestContent(fullInput({ spend }));
  const detail = detailOf(content, 'x', { spend: { window: content.period, rows, source: 'bills' } });
  const packed = unpacked(packRows(content, detail, FORMAT));
  expect(packed.spend.map(({ currency }) => currency)).toEqual(['USD', 'EUR', 'KWD']);
});

function saving(amount: string | null, currency = 'USD') {
  return finding({ monthlySaving: amount === null ? null : { amount, currency }, monthlyCost: null });
}

test('places by money are those of exact amounts, each currency by itself, without a price last', () => {
  const findings = [
    saving('0.10'),
    saving('9', 'JPY'),
    saving(null),
    saving('90071992547409930.2'),
    saving('90071992547409930.3'),
  ];
  const content = digestContent(fullInput({ findings }));
  const { findings: rows } = unpacked(packRows(content, null, FORMAT));
  const sorted = rows.toSorted((a, b) => a.savingRank - b.savingRank).map(({ id }) => id);
  expect(sorted).toEqual([4, 3, 0, 1, 2].map((at) => findings[at]?.id));
});

test('spend is packed by currency in three ways; what names no model is not parted by model', () => {
  const content = digestContent(fullInput());
  const { spend } = unpacked(packRows(content, detailOf(content), FORMAT));
  expect(spend.map(({ currency }) => currency)).toEqual(['USD', 'EUR']);
  const [team, , model] = spend[0]?.ways ?? [];
  expect(team?.nodes.map(([part, cost]) => [part, cost])).toEqual([
    ['research', '$6,500.88'],
    ['(no team)', '$55.12'],
    ['support', '-$20.00'],
  ]);
  expect(model?.nodes.map(([part, cost]) => [part, cost])).toEqual([
    ['claude', '$1,200.12'],
    ['research', '$300.00'],
  ]);
});

function company(count: number) {
  const findings = Array.from({ length: count }, (_, at) =>
    finding({
      id: `f-${String(at).padStart(26, 'a')}`,
      resourceName: `machine-${at}`,
      monthlySaving: usd(`${count - at}.5`),
      // As hard to press as real ids are.
      reason: `Every device stayed under 5% for ${(at * 7919) % 168} hours (${((at + 1) * 2654435761) % 4294967296}).`,
    }),
  );
  return digestContent(fullInput({ findings }));
}

test('what is too much for a page is left out, the cheapest first, and the page says so', () => {
  const content = company(300);
  const detail = detailOf(content);
  const whole = packRows(content, detail, FORMAT);
  expect([whole.shown, whole.whole]).toEqual([300, 300]);
  const less = packRows(content, detail, FORMAT, whole.text.length - 1);
  expect(less.text.length).toBeLessThan(whole.text.length);
  expect(less.shown).toBe(300);
  expect(less.whole).toBeLessThan(300);
  const { findings } = unpacked(less);
  expect(findings[0]?.more?.series).toHaveLength(2);
  expect(findings[299]?.more?.series).toBeNull();
  const few = packRows(content, detail, FORMAT, 9000);
  expect(few.text.length).toBeLessThanOrEqual(9000);
  expect(few.shown).toBeGreaterThan(0);
  expect(few.shown).toBeLessThan(300);
  expect(unpacked(few).findings.map(({ title }) => title)).toEqual(
    Array.from({ length: few.shown }, (_, at) => `machine-${at}`),
  );
});

test('a page of 10,000 findings stays below 4 MB, with every row', () => {
  const content = company(10_000);
  const page = digestHtml(content, { script: 'x'.repeat(700_000), detail: detailOf(content) });
  expect(Buffer.byteLength(page)).toBeLessThan(4_000_000);
  const text = /id="page-rows">([^<]*)</.exec(page)?.[1] ?? '';
  const rows: PageRows = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
  expect(rows.findings).toHaveLength(10_000);
});

test('names hide nothing in packed rows', () => {
  fc.assert(
    fc.property(name, (hostile) => {
      const content = digestContent(
        fullInput({ findings: [finding({ resourceName: hostile, region: hostile })] }),
      );
      const { text } = packRows(content, detailOf(content, hostile), FORMAT);
      const json = gunzipSync(Buffer.from(text, 'base64')).toString();
      expect(JSON.parse(json)).toHaveProperty('findings');
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}]|\\u00[01]|\\u001b/u);
    }),
  );
});
