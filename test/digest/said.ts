import type { RichTextSection, SlackBlock } from '../../lib/notices/blocks.ts';

const said = ({ elements }: RichTextSection) =>
  elements.map((run) => (run.type === 'text' ? run.text : `@${run.user_id}`)).join('');

/** The lines of text that blocks show, in their order; of a chart its title. */
export function linesOf(blocks: readonly SlackBlock[]): string[] {
  return blocks.flatMap((block): string[] => {
    switch (block.type) {
      case 'header':
        return [block.text.text];
      case 'section':
        return [...(block.text ? [block.text.text] : []), ...(block.fields ?? []).map(({ text }) => text)];
      case 'context':
        return block.elements.map(({ text }) => text);
      case 'rich_text':
        return block.elements.flatMap((part) =>
          part.type === 'rich_text_section' ? said(part).split('\n') : part.elements.map(said),
        );
      case 'data_visualization':
        return [block.title];
      case 'table':
        return block.rows.map((row) => row.map(({ text }) => text).join(' '));
      case 'actions':
        return block.elements.map((element) =>
          element.type === 'button' ? element.text.text : element.placeholder.text,
        );
      case 'input':
        return [block.label.text];
      case 'divider':
        return [];
      default:
        return block satisfies never;
    }
  });
}
