import { type Html, html } from '../../lib/digest/markup.ts';
import type { ChartBlock, Mrkdwn, RichTextSection, SlackBlock } from '../../lib/notices/blocks.ts';

/** Of the chart, in pixels of the page. */
const WIDTH = 520;
const HEIGHT = 170;
const SIDE = 18;
/** Below the line of the days, for their names. */
const FOOT = 24;

const STYLE = `
body { margin: 0; padding: 20px; width: 600px; font: 15px/1.5 sans-serif; color: #1d1c1d; background: #fff; display: flex; gap: 12px }
.face { flex: none; width: 38px; height: 38px; border-radius: 8px; background: #1f5fbf; color: #fff; font: bold 18px/38px sans-serif; text-align: center }
.said { flex: 1; min-width: 0 }
.app { font-size: 10px; background: #e8e8e8; border-radius: 3px; padding: 1px 4px; color: #616061 }
.small { font-size: 13px; color: #616061 }
h1 { font-size: 19px; line-height: 1.3; margin: 4px 0 }
p { margin: 4px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 20px; margin: 8px 0 }
figure { border: 1px solid #ddd; border-radius: 8px; margin: 8px 0; padding: 10px 12px }
ul, ol { margin: 2px 0 6px; padding-left: 24px }
`;

/**
 * A page that shows a message of Bursar's about as Slack does.
 * @throws Error for a block that the message of a digest never had when this was written
 */
export function slackHtml(blocks: readonly SlackBlock[], at: string): string {
  return html`<!doctype html><meta charset="utf-8"><style>${STYLE}</style><div class="face">B</div><div class="said"><b>Bursar</b> <span class="app">APP</span> <span class="small">${at}</span>${blocks.map(drawn)}</div>`
    .text;
}

function drawn(block: SlackBlock): Html {
  switch (block.type) {
    case 'header':
      return html`<h1>${block.text.text}</h1>`;
    case 'section':
      return html`${block.text === undefined ? '' : html`<p>${block.text.text}</p>`}${
        block.fields === undefined
          ? ''
          : html`<div class="fields">${block.fields.map((field) => html`<div>${lines(field)}</div>`)}</div>`
      }`;
    case 'context':
      return html`${block.elements.map(({ text }) => html`<p class="small">${text}</p>`)}`;
    case 'rich_text':
      return html`${block.elements.map((element) => {
        if (element.type === 'rich_text_section') return html`<p>${rich(element)}</p>`;
        const items = element.elements.map((item) => html`<li>${rich(item)}</li>`);
        return element.style === 'ordered' ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
      })}`;
    case 'data_visualization':
      return chart(block);
    case 'actions':
    case 'divider':
    case 'input':
    case 'table':
      throw new Error(`a block of type ${block.type} is not drawn yet: test/pictures/slack-html.ts`);
  }
}

function lines({ text }: Mrkdwn): Html[] {
  return text.split('\n').map((line) => html`${marked(line)}<br>`);
}

/** Slack's `*bold*`, and the three characters that it wants escaped. */
function marked(text: string): Html[] {
  const plain = text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
  return plain.split('*').map((part, place) => (place % 2 === 1 ? html`<b>${part}</b>` : html`${part}`));
}

function rich({ elements }: RichTextSection): Html[] {
  return elements.map((element) => {
    if (element.type === 'user') return html`@${element.user_id}`;
    return element.style === undefined ? html`${element.text}` : html`<b>${element.text}</b>`;
  });
}

function chart({ title, chart: { series } }: ChartBlock): Html {
  const data = series.flatMap((one) => one.data);
  const top = Math.max(...data.map(({ value }) => value)) * 1.2;
  const floor = HEIGHT - FOOT;
  const x = (place: number) =>
    (SIDE + (place * (WIDTH - 2 * SIDE)) / Math.max(1, data.length - 1)).toFixed(1);
  const points = data.map(({ value }, place) => `${x(place)},${(floor * (1 - value / top)).toFixed(1)}`);
  const named = data.map(({ label }, place) =>
    (data.length - 1 - place) % 4 === 0 && place > 0
      ? html`<text x="${x(place)}" y="${HEIGHT - 6}" font-size="10" fill="#616061" text-anchor="middle">${label}</text>`
      : html``,
  );
  return html`<figure><b>${title}</b><svg viewBox="0 0 ${WIDTH} ${HEIGHT}"><polyline points="${points.join(' ')}" fill="none" stroke="#1f5fbf" stroke-width="2"/><line x1="${SIDE}" x2="${WIDTH - SIDE}" y1="${floor}" y2="${floor}" stroke="#bbb"/>${named}</svg></figure>`;
}
