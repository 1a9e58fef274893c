import { type Html, html } from '../../lib/digest/markup.ts';
import type { ChartBlock, Mrkdwn, RichTextSection, SlackBlock } from '../../lib/notices/blocks.ts';

/** Of the chart, in pixels of the page. */
const WIDTH = 520;
const HEIGHT = 170;
const SIDE = 18;
/** Below the line of the days, for their names. */
const FOOT = 24;

const STYLE = `
body { margin: 0; display: flex; align-items: stretch; width: max-content }
article { box-sizing: border-box; display: flex; gap: 8px; padding: 14px 16px; font: 15px/1.5 DejaVu Sans Condensed, sans-serif; color: #1d1c1d; background: #fff; --small: #616061; --line: #ddd; --app: #e8e8e8; --drawn: #1f5fbf }
article.dark { color: #d1d2d3; background: #1a1d21; --small: #ababad; --line: #45474b; --app: #35373b; --drawn: #6ba4f8 }
.face { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #1f5fbf; color: #fff; font: bold 18px/36px sans-serif; text-align: center }
.said { flex: 1; min-width: 0; overflow-wrap: anywhere }
.app { font-size: 10px; background: var(--app); border-radius: 3px; padding: 1px 4px; color: var(--small) }
.small { font-size: 13px; color: var(--small) }
h1 { font-size: 19px; line-height: 1.3; margin: 4px 0 }
p { margin: 4px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 20px; margin: 8px 0 }
figure { border: 1px solid var(--line); border-radius: 8px; margin: 8px 0; padding: 10px 12px }
ul, ol { margin: 0 0 8px; padding-left: 24px }
.title { margin: 4px 0 0 }
.actions span { display: inline-block; border: 1px solid var(--line); border-radius: 8px; padding: 5px 12px; margin: 4px 8px 4px 0; font-weight: bold }
table { border-collapse: collapse; margin: 8px 0 } td { border: 1px solid var(--line); padding: 4px 10px }
.thread { border-top: 1px solid var(--line); margin-top: 10px; padding-top: 6px }
`;

/** How wide a message is drawn, in points, and its replies that stand below it. */
export interface Look {
  readonly width: number;
  readonly dark?: boolean;
  readonly replies?: readonly (readonly SlackBlock[])[];
}

/** A page that shows messages of Bursar's beside each other, each about as Slack does. */
export function slackPage(messages: readonly (Look & { readonly blocks: readonly SlackBlock[] })[]): string {
  return html`<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${messages.map(article)}`.text;
}

function article({
  blocks,
  width,
  dark = false,
  replies = [],
}: Look & { readonly blocks: readonly SlackBlock[] }): Html {
  return html`<article class="${dark ? 'dark' : 'light'}" style="width:${width}px"><div class="face">B</div><div class="said"><b>Bursar</b> <span class="app">APP</span> <span class="small">09:00</span>${blocks.map(drawn)}${replies.map((reply) => html`<div class="thread"><span class="small">in the thread</span>${reply.map(drawn)}</div>`)}</div></article>`;
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
        if (element.type === 'rich_text_section') return html`<p class="title">${rich(element)}</p>`;
        const items = element.elements.map((item) => html`<li>${rich(item)}</li>`);
        return element.style === 'ordered' ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
      })}`;
    case 'data_visualization':
      return chart(block);
    case 'actions':
      return html`<div class="actions">${block.elements.map((element) => html`<span>${element.type === 'button' ? element.text.text : element.placeholder.text}</span>`)}</div>`;
    case 'table':
      return html`<table>${block.rows.map((row) => html`<tr>${row.map(({ text }) => html`<td>${text}</td>`)}</tr>`)}</table>`;
    case 'divider':
    case 'input':
      throw new Error(`a block of type ${block.type} is not drawn yet: test/pictures/slack-html.ts`);
    default:
      return block satisfies never;
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
    const text = element.text.split('\n').map((line, at) => (at === 0 ? html`${line}` : html`<br>${line}`));
    return element.style === undefined ? html`${text}` : html`<b>${text}</b>`;
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
      ? html`<text x="${x(place)}" y="${HEIGHT - 6}" font-size="10" fill="currentColor" text-anchor="middle">${label}</text>`
      : html``,
  );
  return html`<figure><b>${title}</b><svg viewBox="0 0 ${WIDTH} ${HEIGHT}"><polyline points="${points.join(' ')}" fill="none" stroke="var(--drawn)" stroke-width="2"/><line x1="${SIDE}" x2="${WIDTH - SIDE}" y1="${floor}" y2="${floor}" stroke="#999"/>${named}</svg></figure>`;
}
