import type {
  AnomalyFigure,
  AnomalyLine,
  CommitmentFigure,
  DigestContent,
  ForecastFigure,
} from './content-model.ts';
import type { Format } from './format.ts';
import { type Html, html } from './markup.ts';
import { NAMELESS, plain } from './names.ts';
import { exact } from './number.ts';
import { budgetFact, forecastFacts } from './outlook-words.ts';
import {
  anomalyName,
  coverageId,
  expiryId,
  percentOf,
  type SpendDay,
  spendDays,
  spendId,
} from './page-data.ts';
import { aiUseFact, aiUseName, unitFact } from './unit-words.ts';
import { anomalyDays, anomalyState, anomalyStays, daysFrom, ended } from './words.ts';

/** Anomalies that the page shows; the rest is told and in `bursar anomalies`. */
const MOST_LINES = 25;
/** Commitments that the page shows: a large company holds thousands of reservations. */
const MOST_HELD = 50;

/**
 * Where the script draws a chart: hidden until it does, since the table beside it says the same. What a key reaches
 * is read out below it.
 */
export function chartPlace(id: string, label: string): Html {
  return html`<div class="chart" id="${id}" tabindex="0" role="img" aria-label="${label}. Arrow keys go from point to point; the table holds the same numbers." hidden></div><p class="point" id="${id}-point" aria-live="polite"></p>`;
}

/** Spend over time with what is expected to the end of the month, a section a currency. */
export function forecastSections(content: DigestContent, format: Format): Html[] {
  if (content.forecast.length === 0)
    return [
      absent(
        'Spend and forecast',
        'No bill was read: connect one under sources, or name files with --bills.',
        'spend',
      ),
    ];
  return content.forecast.map((figure, at) => forecastSection(content, figure, at, format));
}

function absent(title: string, what: string, id?: string): Html {
  return html`<section class="card"${id === undefined ? '' : html` id="${id}"`}><h2>${title}</h2><p class="sub">${what}</p></section>`;
}

function forecastSection(
  content: DigestContent,
  figure: ForecastFigure,
  place: number,
  format: Format,
): Html {
  const title = `Spend and forecast, ${plain(figure.currency, 20)}`;
  const days = spendDays(content, figure);
  return html`<section class="card spend"${place === 0 ? html` id="spend"` : ''}><h2>${title}</h2>
${forecastFacts(figure, format).map((fact, at) => html`<p class="${at === 0 ? 'fact' : 'sub'}">${fact}</p>`)}
${chartPlace(spendId(place), title)}
<details><summary>Days as a table (${days.length})</summary><div class="scroll" tabindex="0" role="group" aria-label="Days of ${plain(figure.currency, 20)}"><table class="days">
<caption>Cost a day, in UTC days. Settled and expected days are without credits and corrections.</caption>
<thead><tr><th scope="col">Day</th><th scope="col" class="money">Settled</th><th scope="col" class="money">Billed, may change</th><th scope="col" class="money">Expected</th><th scope="col" class="money">80%</th><th scope="col" class="money">90%</th><th scope="col">Anomaly begins</th></tr></thead>
<tbody>${days.map((day) => dayRow(day, figure.currency, format))}</tbody></table></div></details>
${source(figure.source)}</section>`;
}

function dayRow(day: SpendDay, currency: string, format: Format): Html {
  const money = (amount: string | null) => (amount === null ? '' : format.exact({ amount, currency }));
  const range = (level: number) => {
    const found = day.ranges.find((each) => each.level === level);
    return found === undefined ? '' : `${money(found.low)} to ${money(found.high)}`;
  };
  return html`<tr><th scope="row">${format.day(day.day)}</th><td class="money">${money(day.settled)}</td><td class="money">${money(day.provisional)}</td><td class="money">${money(day.expected)}</td><td class="money">${range(0.8)}</td><td class="money">${range(0.9)}</td><td><bdi>${day.anomalies.map(anomalyName).join('; ')}</bdi></td></tr>`;
}

/** How the budgets stand. */
export function budgetsSection({ budgets, asOf, audience }: DigestContent, format: Format): Html {
  if (budgets.length === 0)
    return absent(
      'Budgets',
      asOf === null
        ? 'None is judged: there is no bill. Connect one under sources.'
        : audience.kind === 'team'
          ? 'None is of this team alone: list one under budgets, with the team in its where.'
          : 'The config names none: list them under budgets.',
    );
  return html`<section class="card"><h2>Budgets</h2><div class="scroll" tabindex="0" role="group" aria-label="Budgets"><table>
<caption>Spent on settled days, and what the period will have cost</caption>
<thead><tr><th scope="col">Budget</th><th scope="col">How it stands</th></tr></thead>
<tbody>${budgets.map(
    (line) =>
      html`<tr title="${line.source}"><th scope="row" class="name"><bdi>${plain(line.name, 80)}</bdi><div class="sub">${format.period(line)}</div></th><td>${budgetFact(line, format)}</td></tr>`,
  )}</tbody></table></div>${source(budgets[0]?.source ?? '')}</section>`;
}

/** What one of each unit of the config cost in the period, with its ups and downs and their alerts. */
export function unitsSection({ units, period }: DigestContent, format: Format): Html {
  // The AI view says what to connect.
  if (units.length === 0) return html``;
  return html`<section class="card" id="units"><h2>Units</h2><div class="scroll" tabindex="0" role="group" aria-label="Units"><table>
<caption>What one of each cost, ${format.period(period)}</caption>
<thead><tr><th scope="col">Unit</th><th scope="col">How it stands</th></tr></thead>
<tbody>${units.map((line) => factRow(plain(line.name, 80), unitFact(line, format), line.source))}</tbody></table></div>${source(units[0]?.source ?? '')}</section>`;
}

/** How the dearest models are used. */
export function aiUseSection({ aiUse }: DigestContent, format: Format): Html {
  if (aiUse.length === 0) return html``;
  return html`<section class="card" id="ai-efficiency"><h2>AI efficiency</h2><div class="scroll" tabindex="0" role="group" aria-label="AI efficiency"><table>
<caption>The last settled week of the dearest models, against their own four weeks before</caption>
<thead><tr><th scope="col">Model</th><th scope="col">How it is used</th></tr></thead>
<tbody>${aiUse.map((line) => factRow(aiUseName(line), aiUseFact(line, format), line.source))}</tbody></table></div>${source(aiUse[0]?.source ?? '')}</section>`;
}

function factRow(name: string, fact: string, from: string): Html {
  return html`<tr title="${from}"><th scope="row" class="name"><bdi>${name}</bdi></th><td>${fact}</td></tr>`;
}

/** What cost other than its past led to expect. */
export function anomaliesSection({ anomalies, audience }: DigestContent, format: Format): Html {
  if (anomalies === null)
    return absent('Anomalies', 'None was looked for: there is no bill. Connect one under sources.');
  return html`<section class="card"><h2>Anomalies</h2>${
    anomalies.lines.length === 0
      ? html`<p>Nothing off by ${plain(anomalies.minimum, 20)} or more.</p>`
      : anomalyTable(anomalies, format)
  }
<p class="sub">${judged(anomalies, audience.kind === 'team' ? ' of the whole organisation' : '', format)}</p>${anomalies.notes.map((note) => html`<p class="sub">${plain(note, 300)}</p>`)}
${source(anomalies.source)}</section>`;
}

function judged({ judged: count, untold, since }: AnomalyFigure, whose: string, format: Format): string {
  const short =
    untold === 0
      ? ''
      : ` ${format.count(untold)} ${untold === 1 ? 'has' : 'have'} too short a history to tell.`;
  return `${ended(`${format.count(count)} series${whose} judged on settled days, caught since ${format.day(since)}`)}${short}`;
}

function anomalyTable({ lines }: AnomalyFigure, format: Format): Html {
  const more = lines.length - MOST_LINES;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Anomalies"><table>
<caption>What cost other than its own past led to expect, the dearest first${more > 0 ? `; ${format.count(more)} more are in bursar anomalies` : ''}</caption>
<thead><tr><th scope="col">What</th><th scope="col" class="money">Money</th><th scope="col">Seen and expected</th><th scope="col">Likely cause</th><th scope="col">Owner</th><th scope="col">State</th></tr></thead>
<tbody>${lines.slice(0, MOST_LINES).map((line) => anomalyRow(line, format))}</tbody></table></div>`;
}

function anomalyRow(line: AnomalyLine, format: Format): Html {
  const { judged: seen, impact, kind, what, caught, owner, cause, against } = line;
  return html`<tr title="${line.source}"><th scope="row" class="name"><bdi>${what.map((name) => plain(name, 60) || NAMELESS).join(', ')}</bdi><div class="sub">${kind}, ${anomalyDays(line, format)}</div></th>
<td class="money"><span class="${impact.amount.startsWith('-') ? 'down' : 'up'}">${format.change(impact)}</span><div class="sub">${anomalyStays(line) ? 'a month' : 'in all'}</div></td>
<td>${format.money(seen.value)}<div class="sub">${format.money(seen.low)} to ${format.money(seen.high)} expected, ${daysFrom(seen.start, caught, format)}</div></td>
<td class="name">${cause === null ? html`<span class="sub">${against === null ? 'not looked for here: bursar anomalies does' : 'no single one'}</span>` : html`<bdi>${format.phrase(cause)}</bdi>`}</td>
<td class="owner">${owner === null ? html`<span class="sub">${against === null ? '-' : 'no known owner'}</span>` : html`<bdi>${plain(owner, 80)}</bdi>`}</td>
<td><span class="tag${line.open && line.alert?.state !== 'expected' ? ' HELD' : ''}">${anomalyState(line)}</span></td></tr>`;
}

/** What is committed, how much of what could be is, what ends when, and what to commit. */
export function commitmentsSection({ commitments, audience }: DigestContent, format: Format): Html {
  if (audience.kind === 'team')
    return absent(
      'Commitments',
      'They are of the whole organisation, and so is what is told of them: its own report has it.',
      'commitments',
    );
  if (commitments === null || commitments.window === null)
    return absent(
      'Commitments',
      'Nothing is known of them: there is no bill. Connect one under sources.',
      'commitments',
    );
  const currencies = new Set(commitments.coverage.map(({ currency }) => currency));
  const ending = new Set(
    commitments.held.flatMap(({ ends, used }) => (ends === null ? [] : [used.currency])),
  );
  return html`<section class="card" id="commitments"><h2>Commitments</h2>
<p class="sub">${ended(`Bills of ${format.period(commitments.window)}`)} Nothing is ever bought: what to buy is yours to decide.</p>
${adviceTable(commitments, format)}
${[...currencies].map((currency, at) => chartPlace(coverageId(at), `Coverage by commitments, ${plain(currency, 20)}`))}
${coverageTable(commitments, format)}
${[...ending].map((currency, at) => html`<h3>What ends, by month</h3>${chartPlace(expiryId(at), `Use that ending commitments cover, by month, ${plain(currency, 20)}`)}`)}
${heldTable(commitments, format)}
${withoutAdvice(commitments)}
${source(commitments.source)}</section>`;
}

function adviceTable({ advice }: CommitmentFigure, format: Format): Html {
  if (advice.length === 0) return html`<p>Nothing to buy is advised.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="What to commit"><table>
<caption>What to commit, and when</caption>
<thead><tr><th scope="col">Programme</th><th scope="col">Buy</th><th scope="col" class="money">Saves in 30 days</th><th scope="col" class="money">Chance of a loss</th><th scope="col" class="money">Worst over the term</th><th scope="col">Paid for on</th></tr></thead>
<tbody>${advice.map((each) => {
    const { programme, rate, schedule, monthlySaving, lossProbability, worst, breakEven } = each;
    return html`<tr><th scope="row" class="name"><bdi>${plain(programme, 80)}</bdi><div class="sub">${rate.term}, upfront ${rate.payment}</div><div class="sub">${plain(each.reason, 400)}</div></th>
<td>${schedule.map(({ at, hourly, condition }) => html`<div><span class="nowrap">${perHour(hourly.amount, hourly.currency)}</span> ${condition === null ? 'now' : `on ${at} ${plain(condition, 120)}`}</div>`)}</td>
<td class="money">${format.money(monthlySaving)}<div class="sub">${format.percent(percentOf(each.utilisation))} used</div></td>
<td class="money">${format.percent(percentOf(lossProbability))}</td>
<td class="money">${format.money(worst.saving)}<div class="sub">${plain(worst.scenario, 80)}</div></td>
<td class="nowrap">${breakEven ?? '-'}</td></tr>`;
  })}</tbody></table></div>`;
}

/** `17.57 USD/h`: what a commitment is called by where it is bought. */
function perHour(amount: string, currency: string): string {
  return `${exact(amount).toDecimalPlaces(2).toFixed(2)} ${plain(currency, 20)}/h`;
}

function coverageTable({ coverage }: CommitmentFigure, format: Format): Html {
  if (coverage.length === 0) return html``;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Coverage by commitments"><table>
<caption>How much of what commitments could cover they do, at on-demand prices</caption>
<thead><tr><th scope="col">Spend</th><th scope="col" class="money">Covered</th><th scope="col" class="money">On demand</th><th scope="col" class="money">Coverage</th></tr></thead>
<tbody>${coverage.map(
    ({ kind, currency, covered, onDemand, share }) =>
      html`<tr><th scope="row">${plain(kind, 60)}</th><td class="money">${format.money({ amount: covered, currency })}</td><td class="money">${format.money({ amount: onDemand, currency })}</td><td class="money">${share === null ? '-' : format.percent(percentOf(share))}</td></tr>`,
  )}</tbody></table></div>`;
}

function heldTable({ held }: CommitmentFigure, format: Format): Html {
  if (held.length === 0) return html`<p class="sub">No commitment is on the bill.</p>`;
  const more = held.length - MOST_HELD;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="What is committed"><table>
<caption>What is committed, what ends first at the top${more > 0 ? `; ${format.count(more)} more are in bursar commitments` : ''}</caption>
<thead><tr><th scope="col">Commitment</th><th scope="col">Ends</th><th scope="col" class="money">Used</th><th scope="col" class="money">Paid for nothing</th><th scope="col" class="money">Utilisation</th></tr></thead>
<tbody>${held
    .slice(0, MOST_HELD)
    .map(
      ({ id, name, programme, ends, used, unused, utilisation }) =>
        html`<tr><th scope="row" class="name"><bdi>${plain(name ?? id, 80)}</bdi><div class="sub">${plain(programme ?? '', 60)}</div></th><td>${ends === null ? 'the bill does not tell' : ends.slice(0, 10)}</td><td class="money">${format.money(used)}</td><td class="money">${format.money(unused)}</td><td class="money">${utilisation === null ? '-' : format.percent(percentOf(utilisation))}</td></tr>`,
    )}</tbody></table></div>`;
}

function withoutAdvice({ untold: programmes }: CommitmentFigure): Html {
  if (programmes.length === 0) return html``;
  return html`<ul class="blind">${programmes.map(
    ({ programme, currency, notEnough, reason }) =>
      html`<li>${plain(programme, 80)}, ${plain(currency, 20)}: ${notEnough ? 'not enough to tell. ' : ''}${plain(reason, 400)}</li>`,
  )}</ul>`;
}

/** What moved AI spend, a sentence each. */
export function driversSection({ aiDrivers, asOf }: DigestContent, format: Format): Html {
  if (aiDrivers.length === 0)
    return absent(
      'AI cost drivers',
      asOf === null
        ? 'There is no bill. Connect one under sources.'
        : 'No AI spend moved. Bills of AI vendors are connected under sources.',
    );
  return html`<section class="card"><h2>AI cost drivers</h2><ol class="drivers">${aiDrivers.map(
    ({ sentence, source: from }) => html`<li title="${from}"><bdi>${format.phrase(sentence)}</bdi></li>`,
  )}</ol></section>`;
}

function source(text: string): Html {
  return html`<p class="source">${text}</p>`;
}
