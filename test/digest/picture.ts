import { Html, html } from '../../lib/digest/markup.ts';
import type { SlackBlock } from '../../lib/notices/blocks.ts';

/**
 * A message as it roughly looks in a chat window, for pictures in the documentation. It shows the blocks that
 * Bursar sends and no others; the look is our own.
 */
export function messagePage(blocks: readonly SlackBlock[], app = 'Bursar'): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${app}</title><style>${new Html(STYLE)}</style></head>
<body><article><div class="face" aria-hidden="true">B</div><div><p class="who"><b>${app}</b> <span>APP</span> <time>09:00</time></p>${blocks.map(block)}</div></article></body></html>`
    .text;
}

function block(one: SlackBlock): Html {
  switch (one.type) {
    case 'header':
      return html`<h1>${one.text.text}</h1>`;
    case 'context':
      return html`<p class="context">${one.elements.map(({ text }) => html`<span>${text}</span>`)}</p>`;
    case 'section':
      return one.text
        ? html`<p>${one.text.text}</p>`
        : html`<div class="fields">${(one.fields ?? []).map(({ text }) => html`<div>${marked(text)}</div>`)}</div>`;
    case 'rich_text':
      return html`${one.elements.map((part) =>
        part.type === 'rich_text_section'
          ? html`<p>${runs(part.elements)}</p>`
          : html`<${new Html(part.style === 'ordered' ? 'ol' : 'ul')}>${part.elements.map(({ elements }) => html`<li>${runs(elements)}</li>`)}</${new Html(part.style === 'ordered' ? 'ol' : 'ul')}>`,
      )}`;
    case 'data_visualization':
      return lines(one);
    case 'table':
      return html`<table>${one.rows.map((row) => html`<tr>${row.map(({ text }) => html`<td>${text}</td>`)}</tr>`)}</table>`;
    case 'divider':
      return html`<hr>`;
    case 'actions':
      return html`<p class="actions">${one.elements.map((element) => html`<span>${element.type === 'button' ? element.text.text : element.placeholder.text}</span>`)}</p>`;
    case 'input':
      return html`<p><b>${one.label.text}</b></p>`;
    default:
      return one satisfies never;
  }
}

type Run =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: 'user'; readonly user_id: string };

function runs(elements: readonly Run[]): Html[] {
  return elements.map((run) => {
    if (run.type === 'user') return html`<b>@${run.user_id}</b>`;
    return run.style ? html`<b>${run.text}</b>` : html`${run.text}`;
  });
}

/** The mrkdwn of our fields: lines that may begin with `*bold*`; its entities are escaped already. */
function marked(text: string): Html {
  return new Html(text.replaceAll(/^\*([^*\n]*)\*/gm, '<b>$1</b>').replaceAll('\n', '<br>'));
}

function x(at: number, of: number): number {
  return 20 + (at / Math.max(1, of - 1)) * 540;
}

function lines(one: Extract<SlackBlock, { type: 'data_visualization' }>): Html {
  const values = one.chart.series.flatMap(({ data }) => data.map(({ value }) => value));
  const top = Math.max(...values) * 1.1;
  const bottom = Math.min(0, ...values);
  const y = (value: number) => 130 - ((value - bottom) / (top - bottom)) * 115;
  const { categories } = one.chart.axis_config;
  return html`<figure><figcaption><b>${one.title}</b></figcaption><svg viewBox="0 0 580 155">
<line class="axis" x1="20" x2="560" y1="${y(bottom)}" y2="${y(bottom)}"/>
${one.chart.series.map(({ data }) => html`<polyline points="${data.map(({ value }, at) => `${x(at, data.length).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`)}
${categories.map((label, at) => (at % 4 === 3 ? html`<text x="${x(at, categories.length)}" y="150" text-anchor="middle">${label}</text>` : ''))}
</svg></figure>`;
}

const STYLE = `
.actions span{display:inline-block;border:1px solid #bbb;border-radius:4px;padding:2px 10px;margin:2px 6px 2px 0;font-weight:600}
body{margin:0;background:#fff;color:#1c1d20;font:15px/1.45 system-ui,"Segoe UI",Roboto,Arial,sans-serif}
article{display:flex;gap:12px;padding:20px;max-width:680px}
.face{flex:none;width:38px;height:38px;border-radius:8px;background:#1f5fbf;color:#fff;display:grid;place-items:center;font-weight:700;font-size:19px}
.who{margin:0 0 4px}.who span{background:#e6e8eb;color:#53575e;border-radius:3px;font-size:10px;padding:1px 4px}.who time,.context{color:#5c6067;font-size:13px}
h1{font-size:19px;margin:2px 0 6px}p{margin:0 0 8px}.context span{display:block}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:10px 24px;margin:6px 0 12px}
ol,ul{margin:0 0 10px;padding-left:24px}li{margin:2px 0}
figure{margin:0 0 12px;border:1px solid #dadde2;border-radius:10px;padding:12px}svg{width:100%}
polyline{fill:none;stroke:#1f5fbf;stroke-width:2.5;stroke-linejoin:round}.axis{stroke:#c3c7cd}text{font-size:11px;fill:#5c6067}
`;
