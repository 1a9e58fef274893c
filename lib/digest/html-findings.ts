import type { Evidence } from '../checks/model.ts';
import type { Money } from '../focus/money.ts';
import type { DigestContent, WasteLine } from './content-model.ts';
import type { Format } from './format.ts';
import { type Html, html } from './markup.ts';
import { plain } from './names.ts';
import type { PackedRows } from './page-rows.ts';
import { age } from './words.ts';

/** Rows that stand in the page itself; a script shows all that the page brings packed. */
const MOST_ROWS = 100;

/**
 * Every open finding, the dearest first, with its evidence folded in.
 * @param packed what the page brings for the script, null where it has none
 * @param beside where the whole table lies as a file, null where none is written
 */
export function findingsTable(
  content: DigestContent,
  packed: Pick<PackedRows, 'shown' | 'all' | 'whole'> | null,
  beside: string | null,
  format: Format,
): Html {
  const { findings, figures } = content;
  if (findings.length === 0) {
    const unseen = figures.find(({ id }) => id === 'waste')?.unseen;
    return html`<section class="card" id="waste"><h2>Findings</h2><p>None is open${unseen === undefined ? '' : `: ${unseen}`}.</p></section>`;
  }
  const more = findings.length - MOST_ROWS;
  const whole = beside === null ? 'bursar findings lists them all' : `all of them are in ${beside}`;
  return html`<section class="card" id="waste"><h2>Findings</h2>${leftOut(packed, whole, format)}
<div id="waste-tools" hidden></div>
<table class="findings">
<caption>${format.count(findings.length)} open, the largest saving first${
    more > 0
      ? html`<span class="plainly">; ${format.count(more)} more are not shown here: ${whole}</span>`
      : ''
  }</caption>
<thead><tr><th scope="col">Resource</th><th scope="col">Verdict</th><th scope="col">Owner</th><th scope="col">Where</th><th scope="col" class="money">Cost a month</th><th scope="col" class="money">Saving a month</th></tr></thead>
<tbody>${findings.slice(0, MOST_ROWS).map((line) => row(line, format))}</tbody></table>
<div id="waste-pages" hidden></div></section>`;
}

/** What a page of that many findings cannot hold. */
function leftOut(
  packed: Pick<PackedRows, 'shown' | 'all' | 'whole'> | null,
  whole: string,
  format: Format,
): Html {
  if (packed === null || packed.whole === packed.all) return html``;
  const rows =
    packed.shown === packed.all
      ? ''
      : `${format.count(packed.all - packed.shown)} of ${format.count(packed.all)} findings, those that save least, are not in this page: ${whole}. `;
  const plots =
    packed.whole === 0
      ? 'Plots and history are not in this page: bursar explain tells them.'
      : `Plots and history are in this page for the ${format.count(packed.whole)} that save most; of others bursar explain tells them.`;
  return html`<p class="sub left-out">${rows}${plots}</p>`;
}

function row(line: WasteLine, format: Format): Html {
  return html`<tr>
<th scope="row" class="name"><bdi>${plain(line.title, 80)}</bdi><div class="sub"><bdi>${plain(line.resourceId, 200)}</bdi></div>
<div class="sub">${plain(line.reason, 400)}</div>${evidence(line)}</th>
<td data-label="Verdict"><span class="tag ${line.verdict}">${line.verdict}</span><div class="sub">${line.check}, ${age(line.ageDays, format)}, ${line.confidence} confidence${
    line.state === 'DETECTED' ? '' : `, ${line.state.toLowerCase().replaceAll('_', ' ')}`
  }</div></td>
<td class="owner" data-label="Owner">${line.owner === null ? html`<span class="sub">no known owner</span>` : html`<bdi>${plain(line.owner, 80)}</bdi>`}</td>
<td class="where" data-label="Where"><bdi>${plain(line.region, 40)}</bdi><div class="sub">${line.provider} ${plain(line.accountId, 60)}</div></td>
<td class="money" data-label="Cost a month">${amount(line.monthlyCost, 'unknown', format)}<div class="sub">${BASIS[line.costBasis]}</div></td>
<td class="money" data-label="Saving a month">${amount(line.monthlySaving, 'unknown', format)}</td></tr>`;
}

const BASIS = { billed: 'billed', 'list-estimate': 'list price', unknown: '' } as const;

function amount(value: Money | null, none: string, format: Format): Html {
  return value === null ? html`<span class="sub">${none}</span>` : html`${format.money(value)}`;
}

function evidence(line: WasteLine): Html {
  const { evidence: facts, blindSpots } = line;
  if (facts.length === 0 && blindSpots.length === 0) return html``;
  return html`<details><summary>Evidence (${facts.length})</summary>${
    facts.length === 0
      ? ''
      : html`<table><caption>What the verdict rests on</caption><thead><tr><th scope="col">Fact</th><th scope="col">Value</th><th scope="col">Source</th></tr></thead><tbody>${facts.map(fact)}</tbody></table>`
  }${
    blindSpots.length === 0
      ? ''
      : html`<p class="sub">What it cannot see:</p><ul class="blind">${blindSpots.map((spot) => html`<li>${plain(spot, 400)}</li>`)}</ul>`
  }</details>`;
}

function fact({ name, value, unit, window, source }: Evidence): Html {
  return html`<tr><th scope="row">${plain(name, 80)}</th><td>${plain(value, 200)}${
    unit === '' ? '' : ` ${plain(unit, 40)}`
  }${window === '' ? '' : html`<div class="sub">${plain(window, 80)}</div>`}</td><td>${plain(source, 120)}</td></tr>`;
}
