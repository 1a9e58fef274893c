import type { SlackBlock } from '../../lib/notices/blocks.ts';

/** A message as a person reads it, made from the blocks that Slack gets: bold between `**`, buttons in brackets. */
export function rendered(blocks: readonly SlackBlock[]): string {
  return blocks.map(block).join('\n\n');
}

function block(of: SlackBlock): string {
  switch (of.type) {
    case 'header':
      return of.text.text.toUpperCase();
    case 'section':
      return of.text?.text ?? (of.fields ?? []).map(({ text }) => text).join('\n');
    case 'context':
      return of.elements.map(({ text }) => `  ${text}`).join('\n');
    case 'divider':
      return '---';
    case 'table':
      return of.rows.map((row) => row.map(({ text }) => text).join(' | ')).join('\n');
    case 'data_visualization':
      return `(chart: ${of.title})`;
    case 'input':
      return `${of.label.text}${of.optional === true ? ' (optional)' : ''}\n  [ ${of.element.type} ]${of.hint === undefined ? '' : `\n  ${of.hint.text}`}`;
    case 'actions':
      return of.elements
        .map((element) =>
          element.type === 'button'
            ? `[${element.text.text}]`
            : `[${element.placeholder.text} v: ${element.options.map(({ text }) => text.text).join(', ')}]`,
        )
        .join(' ');
    case 'rich_text':
      return of.elements
        .map((part) =>
          part.type === 'rich_text_section'
            ? section(part.elements)
            : part.elements.map((one) => `- ${section(one.elements)}`).join('\n'),
        )
        .join('\n');
  }
}

type Runs = Extract<
  Extract<SlackBlock, { type: 'rich_text' }>['elements'][number],
  { type: 'rich_text_section' }
>['elements'];

function section(runs: Runs): string {
  return runs
    .map((run) =>
      run.type === 'user' ? `@${run.user_id}` : run.style === undefined ? run.text : bold(run.text),
    )
    .join('');
}

/** Stars stand at what is seen: a label in bold may begin with the end of the line before. */
function bold(text: string): string {
  return text.replace(/^(\s*)(.*?)(\s*)$/s, (_, before, seen, after) => `${before}**${seen}**${after}`);
}
