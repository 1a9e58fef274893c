import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, constantFrom, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { describeWithShared, sharedData } from '../shared.ts';
import { isObject, type Json } from './json.ts';
import { isTooLong, problemsOf, readLimits } from './slack.limits.ts';

const text = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const list = (length: number, item: unknown) => Array.from({ length }, () => item);
const button = (more: object) => ({
  type: 'actions',
  elements: [{ type: 'button', text: text(5), ...more }],
});
const option = { text: text(3), value: 'v' };
const choice = (type: string, more: object) => ({ type: 'actions', elements: [{ type, ...more }] });
const chart = (body: object, title = 'Spend') => ({ type: 'data_visualization', title, chart: body });
const line = (more: object) =>
  chart({
    type: 'line',
    series: [{ name: 'aws', data: [{ label: 'a', value: 1 }] }],
    axis_config: { categories: ['a'] },
    ...more,
  });
const pie = (length: number, segment: object = { label: 'a', value: 1 }) =>
  chart({ type: 'pie', segments: list(length, segment) });
const cell = (value: string) => ({ type: 'raw_text', text: value });
const rows = (count: number, columns: number, value = 'x') => list(count, list(columns, cell(value)));
const confirm = (more: object) =>
  button({ confirm: { title: text(1), text: text(1), confirm: text(1), deny: text(1), ...more } });
const view = (more: object) => ({ type: 'modal', title: text(3), blocks: [{ type: 'divider' }], ...more });

/** One block, or one view, for cases of the published list: the case's id -> what breaks it by the least. */
const BLOCKS: Readonly<Record<string, object>> = {
  'text-empty': { type: 'section', text: text(0) },
  'text-too-long': { type: 'section', text: text(3001) },
  'button-action-id-too-long': button({ action_id: 'x'.repeat(256) }),
  'button-text-too-long': button({ text: text(76) }),
  'button-url-too-long': button({ url: `https://${'x'.repeat(2993)}` }),
  'button-value-too-long': button({ value: 'x'.repeat(2001) }),
  'button-accessibility-label-too-long': button({ accessibility_label: 'x'.repeat(76) }),
  'confirmation-title-too-long': confirm({ title: text(101) }),
  'confirmation-text-too-long': confirm({ text: text(301) }),
  'confirmation-confirm-too-long': confirm({ confirm: text(31) }),
  'confirmation-deny-too-long': confirm({ deny: text(31) }),
  'option-text-too-long': choice('overflow', { options: [{ ...option, text: text(76) }] }),
  'option-value-too-long': choice('overflow', { options: [{ ...option, value: 'x'.repeat(151) }] }),
  'option-url-too-long': choice('overflow', { options: [{ ...option, url: '😀'.repeat(3001) }] }),
  'option-description-too-long': choice('overflow', { options: [{ ...option, description: text(76) }] }),
  'option-group-label-too-long': choice('static_select', {
    option_groups: [{ label: text(76), options: [option] }],
  }),
  'option-group-empty': choice('static_select', { option_groups: [{ label: text(1), options: [] }] }),
  'option-group-too-many-options': choice('static_select', {
    option_groups: [{ label: text(1), options: list(101, option) }],
  }),
  'select-placeholder-too-long': choice('static_select', { placeholder: text(151), options: [option] }),
  'select-too-many-options': choice('static_select', { options: list(101, option) }),
  'select-too-many-option-groups': choice('static_select', {
    option_groups: list(101, { label: text(1), options: [option] }),
  }),
  'static-select-options-and-groups': choice('static_select', {
    options: [option],
    option_groups: [{ label: text(1), options: [option] }],
  }),
  'overflow-empty': choice('overflow', { options: [] }),
  'overflow-too-many-options': choice('overflow', { options: list(6, option) }),
  'checkboxes-empty': choice('checkboxes', { options: [] }),
  'checkboxes-too-many-options': choice('checkboxes', { options: list(11, option) }),
  'radio-buttons-empty': choice('radio_buttons', { options: [] }),
  'radio-buttons-too-many-options': choice('radio_buttons', { options: list(11, option) }),
  'table-too-many-rows': { type: 'table', rows: rows(101, 2) },
  'table-ragged-rows': { type: 'table', rows: [...rows(1, 2), ...rows(1, 3)] },
  'actions-too-many-elements': { type: 'actions', elements: list(26, { type: 'button', text: text(1) }) },
  'context-too-many-elements': { type: 'context', elements: list(11, text(1)) },
  'header-text-too-long': { type: 'header', text: text(151) },
  'image-url-too-long': { type: 'image', image_url: 'x'.repeat(3001), alt_text: 'a' },
  'image-alt-text-too-long': { type: 'image', image_url: 'x', alt_text: 'x'.repeat(2001) },
  'image-url-and-slack-file': { type: 'image', image_url: 'x', slack_file: { id: 'F1' }, alt_text: 'a' },
  'input-label-too-long': { type: 'input', label: text(2001), element: { type: 'plain_text_input' } },
  'input-hint-too-long': {
    type: 'input',
    label: text(1),
    hint: text(2001),
    element: { type: 'plain_text_input' },
  },
  'plain-text-input-max-length-too-large': {
    type: 'input',
    label: text(1),
    element: { type: 'plain_text_input', max_length: 3001 },
  },
  'file-input-max-files-too-small': {
    type: 'input',
    label: text(1),
    element: { type: 'file_input', max_files: 0 },
  },
  'file-input-max-files-too-large': {
    type: 'input',
    label: text(1),
    element: { type: 'file_input', max_files: 11 },
  },
  'markdown-empty': { type: 'markdown', text: '' },
  'markdown-too-long': { type: 'markdown', text: 'x'.repeat(12_001) },
  'section-text-too-long': { type: 'section', text: text(3001) },
  'section-too-many-fields': { type: 'section', fields: list(11, text(1)) },
  'section-field-too-long': { type: 'section', fields: [text(2001)] },
  'section-missing-content': { type: 'section' },
  'block-id-too-long': { type: 'divider', block_id: 'x'.repeat(256) },
  'alert-text-too-long': { type: 'alert', text: text(201) },
  'card-title-too-long': { type: 'card', title: text(151) },
  'card-body-too-long': { type: 'card', body: text(201) },
  'card-too-many-actions': { type: 'card', actions: list(4, { type: 'button', text: text(1) }) },
  'carousel-empty': { type: 'carousel', elements: [] },
  'container-title-too-long': { type: 'container', title: text(151), child_blocks: [] },
  'container-too-many-child-blocks': {
    type: 'container',
    title: text(1),
    child_blocks: list(11, { type: 'divider' }),
  },
  'data-table-too-few-rows': { type: 'data_table', rows: rows(1, 2) },
  'data-table-too-many-rows': { type: 'data_table', rows: rows(202, 1) },
  'data-table-too-few-columns': { type: 'data_table', rows: rows(2, 0) },
  'data-table-too-many-columns': { type: 'data_table', rows: rows(2, 21) },
  'data-table-page-size-too-small': { type: 'data_table', rows: rows(2, 2), page_size: 0 },
  'data-table-page-size-too-large': { type: 'data_table', rows: rows(2, 2), page_size: 101 },
  'data-table-cell-text-empty': { type: 'data_table', rows: rows(2, 2, '') },
  'data-table-content-too-long': { type: 'data_table', rows: rows(2, 1, 'x'.repeat(10_001)) },
  'data-visualization-title-too-long': chart(
    { type: 'pie', segments: [{ label: 'a', value: 1 }] },
    'x'.repeat(51),
  ),
  'pie-chart-empty': pie(0),
  'pie-chart-too-many-segments': pie(13),
  'chart-segment-label-too-long': pie(1, { label: 'x'.repeat(21), value: 1 }),
  'chart-segment-value-not-positive': pie(1, { label: 'x', value: 0 }),
  'chart-series-empty': line({ series: [] }),
  'chart-too-many-series': line({ series: list(13, { name: 'a', data: [{ label: 'a', value: 1 }] }) }),
  'data-series-name-too-long': line({ series: [{ name: 'x'.repeat(21), data: [{ label: 'a', value: 1 }] }] }),
  'data-series-empty': line({ series: [{ name: 'a', data: [] }] }),
  'data-series-too-many-points': line({ series: [{ name: 'a', data: list(21, { label: 'a', value: 1 }) }] }),
  'data-point-label-too-long': line({ series: [{ name: 'a', data: [{ label: 'x'.repeat(21), value: 1 }] }] }),
  'axis-categories-empty': line({ axis_config: { categories: [] } }),
  'axis-too-many-categories': line({ axis_config: { categories: list(21, 'a') } }),
  'axis-category-label-too-long': line({ axis_config: { categories: ['x'.repeat(21)] } }),
  'axis-label-too-long': line({ axis_config: { categories: ['a'], x_label: 'x'.repeat(51) } }),
};
const VIEWS: Readonly<Record<string, Json>> = {
  'view-missing-blocks': view({ blocks: [] }),
  'view-too-many-blocks': view({ blocks: list(101, { type: 'divider' }) }),
  'view-private-metadata-too-long': view({ private_metadata: 'x'.repeat(3001) }),
  'view-callback-id-too-long': view({ callback_id: 'x'.repeat(256) }),
  'view-title-too-long': view({ title: text(25) }),
  'view-close-too-long': view({ close: text(25) }),
  'view-submit-too-long': view({ submit: text(25) }),
};

const json = (...path: string[]): unknown => JSON.parse(readFileSync(sharedData('slack', ...path), 'utf8'));

const valid = (kind: string) =>
  readdirSync(sharedData('slack', 'fixtures', 'valid', kind)).map((file) => join(kind, file));

describeWithShared('the published limits', () => {
  const known = new Set(
    [json('fixtures', 'invalid', 'manifest.json')].flatMap((manifest) =>
      isObject(manifest) && Array.isArray(manifest['cases'])
        ? manifest['cases'].map((one: unknown) => (isObject(one) ? String(one['id']) : ''))
        : [],
    ),
  );

  test.each(Object.entries(BLOCKS))('refuse %s', async (id, block) => {
    expect(known).toContain(id);
    expect(problemsOf(await readLimits(), { blocks: [block] }, true)).not.toEqual([]);
  });

  test.each(Object.entries(VIEWS))('refuse %s', async (id, broken) => {
    expect(known).toContain(id);
    expect(problemsOf(await readLimits(), broken, false)).not.toEqual([]);
  });

  test.each(valid('blocks'))('let pass %s', async (file) => {
    const block = json('fixtures', 'valid', file);
    expect(problemsOf(await readLimits(), { blocks: [block] }, true)).toEqual([]);
  });

  test.each([...valid('views'), ...valid('messages')])('let pass %s', async (file) => {
    const payload = json('fixtures', 'valid', file);
    const given = isObject(payload) ? payload : { blocks: 'no object' };
    expect(problemsOf(await readLimits(), given, file.startsWith('messages'))).toEqual([]);
  });

  test('a text is refused exactly where it is empty or over its limit, counted in code points', async () => {
    const limits = await readLimits();
    assert(
      property(integer({ min: 0, max: 320 }), constantFrom('x', '😀', 'é'), (length, letter) => {
        const blocks = [{ type: 'header', text: { type: 'plain_text', text: letter.repeat(length) } }];
        expect(problemsOf(limits, { blocks }, true).length === 0).toBe(length >= 1 && length <= 150);
      }),
    );
  });

  test('refuse a block that Slack does not have, a second table and a third chart', async () => {
    const limits = await readLimits();
    const problems = (...blocks: object[]) => problemsOf(limits, { blocks }, true);
    const table = { type: 'table', rows: rows(2, 2) };
    expect(problems({ type: 'nonsense' })).toEqual(['/blocks/0: unsupported type: nonsense']);
    expect(problems(table)).toEqual([]);
    expect(problems(table, table)).toHaveLength(1);
    expect(problems(pie(1), pie(2))).toEqual([]);
    expect(problems(pie(1), pie(2), pie(3))).toHaveLength(1);
  });
});

test('tables and charts do not count among the characters of all blocks', () => {
  const section = { type: 'section', text: text(2900) };
  const big = { type: 'data_table', rows: rows(2, 1, 'x'.repeat(9000)) };
  expect(isTooLong(list(4, section))).toBe(false);
  expect(isTooLong([...list(4, section), big])).toBe(false);
  expect(isTooLong(list(5, section))).toBe(true);
});
