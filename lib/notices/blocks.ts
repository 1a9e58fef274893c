/**
 * Small typed functions for the few Block Kit blocks that Bursar sends, each within its limits
 * (docs.slack.dev/reference/block-kit/blocks, read November 2026). Text goes out as `plain_text` or rich text,
 * which Slack does not interpret; where only `mrkdwn` can be bold, `escape` comes last.
 */
export type SlackBlock =
  | HeaderBlock
  | SectionBlock
  | ContextBlock
  | RichTextBlock
  | ChartBlock
  | TableBlock
  | DividerBlock
  | ActionsBlock
  | InputBlock;

export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

/** `verbatim`: Slack makes no links of names in it. */
export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

export interface HeaderBlock {
  readonly type: 'header';
  readonly text: PlainText;
}

export interface SectionBlock {
  readonly type: 'section';
  readonly text?: PlainText;
  readonly fields?: readonly Mrkdwn[];
}

export interface ContextBlock {
  readonly type: 'context';
  readonly elements: readonly PlainText[];
}

export interface RichTextSection {
  readonly type: 'rich_text_section';
  readonly elements: readonly (
    | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
    | { readonly type: 'user'; readonly user_id: string }
  )[];
}

export interface RichTextList {
  readonly type: 'rich_text_list';
  readonly style: 'bullet' | 'ordered';
  readonly elements: readonly RichTextSection[];
}

export interface RichTextBlock {
  readonly type: 'rich_text';
  readonly elements: readonly (RichTextSection | RichTextList)[];
}

/** `data_visualization`, a block since June 2026 that @slack/types 3.2.0 does not describe. */
export interface ChartBlock {
  readonly type: 'data_visualization';
  readonly title: string;
  readonly chart: {
    readonly type: 'line' | 'bar' | 'area';
    readonly series: readonly {
      readonly name: string;
      readonly data: readonly { readonly label: string; readonly value: number }[];
    }[];
    readonly axis_config: {
      readonly categories: readonly string[];
      readonly x_label: string;
      readonly y_label: string;
    };
  };
}

/** docs.slack.dev/reference/block-kit/blocks/table-block: at most 100 rows of 20 cells, one table a message. */
export interface TableBlock {
  readonly type: 'table';
  readonly rows: readonly (readonly { readonly type: 'raw_text'; readonly text: string }[])[];
  readonly column_settings: readonly { readonly align: 'left' | 'right' }[];
}

export interface DividerBlock {
  readonly type: 'divider';
}

/** Text of our own on a button or in a choice. */
export interface Label {
  readonly type: 'plain_text';
  readonly text: string;
}

export interface Confirm {
  readonly title: Label;
  readonly text: Label;
  readonly confirm: Label;
  readonly deny: Label;
  readonly style?: 'danger';
}

export interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: Label;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
  /** Opened in the browser, besides the click; at most 3,000 characters. */
  readonly url?: string;
}

export interface Select {
  readonly type: 'static_select';
  readonly action_id: string;
  readonly placeholder: Label;
  readonly options: readonly { readonly text: Label; readonly value: string }[];
}

/** `block_id` comes back with every click on one of its elements: it holds an opaque id, unique in the message. */
export interface ActionsBlock {
  readonly type: 'actions';
  readonly block_id: string;
  readonly elements: readonly (Button | Select)[];
}

export interface InputBlock {
  readonly type: 'input';
  readonly block_id: string;
  readonly optional?: boolean;
  readonly label: Label;
  readonly hint?: Label;
  readonly element:
    | {
        readonly type: 'plain_text_input';
        readonly action_id: 'value';
        readonly multiline: boolean;
        readonly max_length: number;
      }
    | { readonly type: 'datepicker'; readonly action_id: 'value'; readonly initial_date: string }
    | { readonly type: 'users_select'; readonly action_id: 'value' }
    | {
        readonly type: 'static_select';
        readonly action_id: 'value';
        readonly options: Select['options'];
        readonly initial_option: Select['options'][number];
      };
}

/** What one message may hold: Slack answers `msg_blocks_too_long` somewhat above 13,000 characters. */
export const MESSAGE_BUDGET = 10_000;

/** The three characters that Slack's mrkdwn reads as control (docs.slack.dev, Formatting message text). */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The first `most` code points, the last of them `…` where something was cut; never half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let short = '';
  for (const point of text) {
    if (short.length + point.length > most - 1) break;
    short += point;
  }
  return `${short}…`;
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: cut(text, 150), emoji: false } };
}

export function paragraph(text: string): SectionBlock {
  return { type: 'section', text: { type: 'plain_text', text: cut(text, 3000), emoji: false } };
}

/** Label above value and its note, two beside each other on a wide screen; at most ten. */
export function fields(pairs: readonly { label: string; value: string; note: string }[]): SectionBlock {
  return {
    type: 'section',
    fields: pairs.slice(0, 10).map(({ label, value, note }) => ({
      type: 'mrkdwn',
      verbatim: true,
      text: `${escape(cut(label, 80))}\n*${bold(cut(value, 200))}*${note === '' ? '' : ` ${escape(cut(note, 200))}`}`,
    })),
  };
}

/** An asterisk would end the bold; no value that we write has one. */
function bold(text: string): string {
  return escape(text.replaceAll('*', ''));
}

/** Small grey lines; at most ten. */
export function context(lines: readonly string[]): ContextBlock {
  return {
    type: 'context',
    elements: lines
      .slice(0, 10)
      .map((line) => ({ type: 'plain_text', text: cut(line, 2000), emoji: false }) as const),
  };
}

/** Text as it is, or bold, or a person's name: rich text has no markup that a text could break out of. */
export type Run = string | { readonly bold: string } | { readonly user: string };

/** A bold title over a list, each item made of runs. */
export function titledList(
  title: string,
  items: readonly (readonly Run[])[],
  style: 'bullet' | 'ordered',
): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [
      runs([{ bold: title }]),
      { type: 'rich_text_list', style, elements: items.map((item) => runs(item)) },
    ],
  };
}

/** Lines of one thing: text as it is, nothing in it is markup. */
export function textLines(parts: readonly (readonly Run[])[]): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [runs(parts.flatMap((line, at) => (at === 0 ? line : broken(line))))],
  };
}

/** A line break before a line; within its first run, since each run costs characters of its own. */
function broken([first, ...rest]: readonly Run[]): Run[] {
  if (first === undefined) return ['\n'];
  if (typeof first === 'string') return [`\n${first}`, ...rest];
  return 'bold' in first ? [{ bold: `\n${first.bold}` }, ...rest] : ['\n', first, ...rest];
}

export function labelled(text: string, most = 75): Label {
  return { type: 'plain_text', text: cut(text, most) };
}

function runs(parts: readonly Run[]): RichTextSection {
  return { type: 'rich_text_section', elements: parts.filter((part) => part !== '').map(runOf) };
}

function runOf(part: Run): RichTextSection['elements'][number] {
  if (typeof part === 'string') return { type: 'text', text: part };
  if ('user' in part) return { type: 'user', user_id: part.user };
  return { type: 'text', text: part.bold, style: { bold: true } };
}

/** Lines over at most twenty points; labels longer than 20 characters are cut, series beyond six left out. */
export function chart(
  title: string,
  points: readonly { label: string; values: readonly number[] }[],
  series: readonly string[],
  axes: { x: string; y: string },
): ChartBlock {
  const shown = points.slice(-20).map(({ label, values }) => ({ label: cut(label, 20), values }));
  return {
    type: 'data_visualization',
    title: cut(title, 50),
    chart: {
      type: 'line',
      series: series.slice(0, 6).map((name, at) => ({
        name: cut(name, 20),
        data: shown.map(({ label, values }) => ({ label, value: values[at] ?? 0 })),
      })),
      axis_config: {
        categories: shown.map(({ label }) => label),
        x_label: cut(axes.x, 50),
        y_label: cut(axes.y, 50),
      },
    },
  };
}

/** Rows of text, the first of them the titles; no cell is empty, and all rows are as long as `align`. */
export function table(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
): TableBlock {
  return {
    type: 'table',
    rows: rows
      .slice(0, 100)
      .map((row) => align.map((_, at) => ({ type: 'raw_text', text: cut(row[at] || '-', 100) }) as const)),
    column_settings: align.map((side) => ({ align: side })),
  };
}

/** Characters that a block adds to the message. */
export function size(blocks: readonly SlackBlock[]): number {
  return JSON.stringify(blocks).length;
}
