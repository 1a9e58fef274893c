import { readFile } from 'node:fs/promises';
import { sharedData } from '../shared.ts';
import { isObject, type Json } from './json.ts';
import { BLOCKS, BY_TYPE, byShape, type Rules } from './slack.rules.ts';

/** The limits as published, from `../shared/data/slack/limits.json`: `limits['header']['text']['max_length']`. */
export type Limits = Readonly<Record<string, unknown>>;

export async function readLimits(): Promise<Limits> {
  const read: unknown = JSON.parse(await readFile(sharedData('slack', 'limits.json'), 'utf8'));
  if (!isObject(read)) throw new Error('slack/limits.json holds no object');
  return read;
}

/** Blocks of one message (Slack, "Block Kit": up to 50 in a message, 100 in a modal or Home tab). */
const MESSAGE_BLOCKS = 50;
const MAX_CHARTS = 2;
const TABLE = { rows: 100, columns: 20 };

/**
 * Everything that Slack would refuse about the blocks of a message or about a view, as `/blocks/0/text: why`;
 * empty where all is well. Lengths count Unicode code points, as the published fixtures do.
 */
export function problemsOf(limits: Limits, payload: Json, isMessage: boolean): string[] {
  const problems: string[] = [];
  const blocks = payload['blocks'];
  if (blocks !== undefined && !Array.isArray(blocks)) return ['/blocks: must be an array'];
  if (isMessage && Array.isArray(blocks)) {
    if (blocks.length > MESSAGE_BLOCKS)
      problems.push(`/blocks: no more than ${MESSAGE_BLOCKS} items allowed`);
    const count = (type: string) =>
      blocks.filter((block) => isObject(block) && block['type'] === type).length;
    if (count('table') > 1) problems.push('/blocks: only one table is allowed');
    if (count('data_visualization') > MAX_CHARTS) problems.push(`/blocks: at most ${MAX_CHARTS} charts`);
  }
  walk(limits, payload, '', problems);
  return [...new Set(problems)];
}

function walk(limits: Limits, node: unknown, path: string, problems: string[]): void {
  if (Array.isArray(node)) {
    node.forEach((item, index) => {
      if (/\/(blocks|child_blocks)$/.test(path)) blockOf(item, `${path}/${index}`, problems);
      walk(limits, item, `${path}/${index}`, problems);
    });
    return;
  }
  if (!isObject(node)) return;
  const type = typeof node['type'] === 'string' ? node['type'] : '';
  apply(limits, { ...BY_TYPE[type], ...byShape(node, path) }, node, path, problems);
  special(limits, type, node, path, problems);
  for (const [key, value] of Object.entries(node)) walk(limits, value, `${path}/${key}`, problems);
}

function blockOf(item: unknown, path: string, problems: string[]): void {
  const type = isObject(item) ? item['type'] : undefined;
  if (typeof type !== 'string' || !BLOCKS.has(type)) {
    problems.push(`${path}: unsupported type: ${String(type)}`);
  }
}

/** What no table of lengths says: contents that must be there, and blocks with an inner structure of their own. */
function special(limits: Limits, type: string, node: Json, path: string, problems: string[]): void {
  if (type === 'section') {
    const fields = node['fields'];
    if (node['text'] === undefined && fields === undefined)
      problems.push(`${path}: text or fields is required`);
    each(fields, (field, index) =>
      check(limits, 'section.fields', field, `${path}/fields/${index}`, problems, 'item_'),
    );
  }
  if (type === 'header' && isObject(node['text']) && node['text']['type'] !== 'plain_text') {
    problems.push(`${path}/text: must be plain_text`);
  }
  if (type === 'image' && node['image_url'] !== undefined && node['slack_file'] !== undefined) {
    problems.push(`${path}: image_url or slack_file, not both`);
  }
  if (
    type.endsWith('static_select') &&
    node['options'] !== undefined &&
    node['option_groups'] !== undefined
  ) {
    problems.push(`${path}: options or option_groups, not both`);
  }
  if (type === 'table') table(node, path, problems);
  if (type === 'data_table') dataTable(limits, node, path, problems);
  if (type === 'data_visualization') chart(limits, node, path, problems);
}

function table(node: Json, path: string, problems: string[]): void {
  const rows = Array.isArray(node['rows']) ? node['rows'] : [];
  if (rows.length > TABLE.rows) problems.push(`${path}/rows: no more than ${TABLE.rows}`);
  const widths = new Set(rows.map((row) => (Array.isArray(row) ? row.length : -1)));
  if (widths.size > 1) problems.push(`${path}/rows: of different lengths`);
  if (Math.max(0, ...widths) > TABLE.columns)
    problems.push(`${path}/rows: more than ${TABLE.columns} columns`);
}

function dataTable(limits: Limits, node: Json, path: string, problems: string[]): void {
  const cells = (Array.isArray(node['rows']) ? node['rows'] : []).flatMap((row, index) => {
    check(limits, 'data_table.columns', row, `${path}/rows/${index}`, problems);
    return Array.isArray(row) ? row : [];
  });
  const texts = cells.map((cell) => (isObject(cell) ? cell['text'] : undefined));
  for (const text of texts) check(limits, 'data_table.cell_text', text, `${path}/rows`, problems);
  check(limits, 'data_table.content', texts.join(''), path, problems);
}

function chart(limits: Limits, node: Json, path: string, problems: string[]): void {
  const of = (limit: string, value: unknown, at: string) =>
    check(limits, `data_visualization.${limit}`, value, `${path}/chart${at}`, problems);
  const body = isObject(node['chart']) ? node['chart'] : {};
  if (body['type'] === 'pie') {
    of('segments', body['segments'] ?? [], '/segments');
    each(body['segments'], (segment, index) => {
      of('segment.label', segment['label'], `/segments/${index}/label`);
      of('segment.value', segment['value'], `/segments/${index}/value`);
    });
    return;
  }
  of('series', body['series'] ?? [], '/series');
  each(body['series'], (series, index) => {
    of('series_name', series['name'], `/series/${index}/name`);
    of('data', series['data'] ?? [], `/series/${index}/data`);
    each(series['data'], (point) => of('point_label', point['label'], `/series/${index}/data`));
  });
  const axis = isObject(body['axis_config']) ? body['axis_config'] : {};
  of('categories', axis['categories'], '/axis_config/categories');
  for (const category of Array.isArray(axis['categories']) ? axis['categories'] : []) {
    of('category_label', category, '/axis_config/categories');
  }
  of('axis_label', axis['x_label'], '/axis_config/x_label');
  of('axis_label', axis['y_label'], '/axis_config/y_label');
}

function each(list: unknown, visit: (item: Json, index: number) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((item, index) => {
    if (isObject(item)) visit(item, index);
  });
}

function apply(limits: Limits, rules: Rules, node: Json, path: string, problems: string[]): void {
  for (const [key, limit] of Object.entries(rules))
    check(limits, limit, node[key], `${path}/${key}`, problems);
}

function check(
  limits: Limits,
  limit: string,
  value: unknown,
  path: string,
  problems: string[],
  prefix = '',
): void {
  if (value === undefined || value === null) return;
  const leaf = limit.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), limits);
  if (!isObject(leaf)) throw new Error(`slack/limits.json has no ${limit}`);
  const bound = (name: string) => {
    const found = leaf[`${prefix}${name}`];
    return typeof found === 'number' ? found : undefined;
  };
  if (isObject(value)) {
    check(limits, limit, value['text'], `${path}/text`, problems, prefix);
    return;
  }
  const length = typeof value === 'string' ? Array.from(value).length : undefined;
  if (length !== undefined) {
    if (length > (bound('max_length') ?? Infinity))
      problems.push(`${path}: must be no more than ${bound('max_length')} characters`);
    if (length < (bound('min_length') ?? 0))
      problems.push(`${path}: must be at least ${bound('min_length')} characters`);
  }
  if (Array.isArray(value)) {
    if (value.length > (bound('max_items') ?? Infinity))
      problems.push(`${path}: no more than ${bound('max_items')} items`);
    if (value.length < (bound('min_items') ?? 0))
      problems.push(`${path}: at least ${bound('min_items')} items`);
  }
  if (typeof value === 'number') {
    if (value > (bound('max') ?? Infinity)) problems.push(`${path}: at most ${bound('max')}`);
    if (value < (bound('min') ?? -Infinity)) problems.push(`${path}: at least ${bound('min')}`);
    if (value <= (bound('exclusive_min') ?? -Infinity))
      problems.push(`${path}: more than ${bound('exclusive_min')}`);
  }
}

const MAX_BLOCKS_LENGTH = 13_200;

/**
 * True where the blocks together are too long (`msg_blocks_too_long`). Slack publishes neither the number nor
 * how it counts: 13,297 characters of markdown pass alone, fewer beside other blocks, and 11,341 characters of
 * rich text were refused (slackapi/bolt-js issues 2509 and 2867). So the whole JSON is counted, which is the
 * strictest reading; tables and charts have limits of their own and are left out.
 */
export function isTooLong(blocks: unknown): boolean {
  if (!Array.isArray(blocks)) return false;
  const apart = new Set<unknown>(['table', 'data_table', 'data_visualization']);
  const counted = blocks.filter((block) => !(isObject(block) && apart.has(block['type'])));
  return JSON.stringify(counted).length > MAX_BLOCKS_LENGTH;
}
