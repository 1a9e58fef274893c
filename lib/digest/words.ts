import type {
  AnomalyLine,
  DecisionKind,
  DecisionLine,
  DigestContent,
  ExecutiveFigure,
  Figure,
  Gap,
  LifeFigure,
  MonthFigure,
  SpendFigure,
  WasteLine,
} from './content-model.ts';
import type { Format } from './format.ts';
import { NAMELESS, plain } from './names.ts';
import { exact } from './number.ts';
import { fit } from './terminal.ts';

/** Sentences that text, Slack and HTML say alike, so that one digest is never told in three ways. */

/** A sentence with one full stop: days are written with one at their end in some languages. */
export function ended(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

export function headline(content: DigestContent, format: Format): string {
  const { audience } = content;
  const whose =
    audience.kind === 'team' ? plain(audience.team, 40) : audience.kind === 'executive' ? 'executive' : '';
  const name = [plain(content.organisation, 60), whose].filter((part) => part !== '').join(', ');
  return `${name === '' ? 'Cloud costs' : `${name}: cloud costs`}, ${format.period(content.period)}`;
}

/** The same in as few words as a phone's title holds. */
export function shortHeadline(content: DigestContent, format: Format): string {
  const { audience } = content;
  const whose = audience.kind === 'team' ? fit(plain(audience.team), 28) : '';
  return [fit(plain(content.organisation), 40), whose, format.period(content.period)]
    .filter((part) => part !== '')
    .join(', ');
}

/** Up to when the bills speak, and how old that is. */
export function freshness(content: DigestContent, format: Format): string {
  const { asOf, ageHours } = content;
  return asOf === null || ageHours === null
    ? 'No bill was read'
    : `Bills up to ${format.instant(asOf)} (${old(ageHours, format)})`;
}

/** The same on one line of a phone, where the period stands above it. */
export function shortFreshness(content: DigestContent, format: Format): string {
  const { asOf, ageHours } = content;
  return asOf === null || ageHours === null
    ? 'No bill was read'
    : `Bills to ${format.moment(asOf)}, ${old(ageHours, format)}`;
}

function old(hours: number, format: Format): string {
  return hours < 48
    ? `${format.count(hours)} ${hours === 1 ? 'hour' : 'hours'} old`
    : `${days(Math.floor(hours / 24), format)} old`;
}

/** `partial, without 3 days of aws-main, 1 day of gcp`; `only since Nov 4, when bills begin`; empty where every bill tells every day. */
export function partialNote({ missing, since }: SpendFigure, format: Format): string {
  const begun = since === null ? '' : `only since ${format.day(since)}, when bills begin`;
  if (missing.length === 0) return begun;
  const all = missing.map(
    ({ bill, days: lacking }) =>
      `${days(lacking.length, format)} of ${bill === null ? 'a bill' : plain(bill, 30)}`,
  );
  const partial = `partial, without ${all.slice(0, 3).join(', ')}${all.length > 3 ? ' and of other bills' : ''}`;
  return begun === '' ? partial : `${partial}; ${begun}`;
}

/** A figure's amount, or how many things it is of where nothing has a price. */
export function figureValue(figure: Figure, format: Format): string {
  if (figure.amounts.length > 0) return format.amounts(figure.amounts);
  if (figure.estimated !== undefined) return `about ${format.amounts(figure.estimated)}`;
  if (figure.count === 0) return figure.unseen === undefined ? 'none' : 'unknown';
  return things(figure, format);
}

/** What the amount is and of how many things: `saving a month, 3 resources (1 not known)`. */
export function figureNote(figure: Figure, format: Format): string {
  const { amounts, estimated } = figure;
  if (amounts.length === 0 && estimated === undefined)
    return figure.count > 0 ? `${figure.unit} not known` : (figure.unseen ?? '');
  const besides =
    estimated === undefined
      ? ''
      : amounts.length === 0
        ? ' by list prices'
        : `, and about ${format.amounts(estimated)} by list prices`;
  return `${figure.unit}${besides}, ${things(figure, format)}${unsummed(figure, format)}`;
}

/** Of how many things no amount is in the sum, and why: ` (1 saves nothing, 3 not known)`. */
function unsummed({ unit, unpriced, zero = 0 }: Figure, format: Format): string {
  const verb = unit.startsWith('saving') ? (zero === 1 ? 'saves' : 'save') : zero === 1 ? 'costs' : 'cost';
  const said = [
    ...(zero === 0 ? [] : [`${format.count(zero)} ${verb} nothing`]),
    ...(unpriced === 0 ? [] : [`${format.count(unpriced)} not known`]),
  ];
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

function things({ id, count }: Figure, format: Format): string {
  const thing = id === 'commitments' ? 'programme' : id === 'untagged' ? 'finding' : 'resource';
  return `${format.count(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** Figures worth a place: the waste and the tags always, the rest where there is something to tell. */
export function shownFigures(content: DigestContent): Figure[] {
  // What has no tags is of no team.
  const always = content.audience.kind === 'team' ? ['waste'] : ['waste', 'untagged'];
  return content.figures.filter(({ id, count }) => always.includes(id) || count > 0);
}

/** What the ledger says of it in a word or two: `flagged` (found, and nobody is to be warned), `warned`, `stop failed`. */
export function stateWord({ state }: Pick<WasteLine, 'state'>): string {
  return state === 'DETECTED' ? 'flagged' : state.toLowerCase().replaceAll('_', ' ');
}

/** `IDLE, 12 days, us-east-1, flagged, owner ana@acme.com`. */
export function wasteFacts(line: WasteLine, format: Format): string {
  return [
    line.verdict,
    age(line.ageDays, format),
    plain(line.region, 30),
    stateWord(line),
    line.owner === null ? 'no known owner' : `owner ${plain(line.owner, 40)}`,
    ...(line.costBasis === 'list-estimate' ? ['list price'] : []),
  ].join(', ');
}

export function age(count: number, format: Format): string {
  return count === 0 ? 'new today' : days(count, format);
}

export function days(count: number, format: Format): string {
  return `${format.count(count)} ${count === 1 ? 'day' : 'days'}`;
}

const STATUS = { failed: 'not read', partial: 'read in part', 'not-covered': 'not covered' } as const;

export function gapStatus(gap: Gap): string {
  return STATUS[gap.status];
}

/** The first scopes by name, and how many there are where these are not all. */
export function gapScopes(gap: Gap, most: number, format: Format): string {
  // Scopes whose names the reader may not know are all called the same.
  const names = [...new Set(gap.scopes)];
  const shown = names.slice(0, most).map((scope) => plain(scope, 60));
  const inAll = `${format.count(gap.scopes.length)} in all`;
  if (names.length > shown.length) return `${shown.join(', ')} and others, ${inAll}`;
  return `${shown.join(', ')}${gap.scopes.length > shown.length ? `, ${inAll}` : ''}`;
}

/** `10 of 14, all of them in the report`: that a list is not the whole; empty where it is. */
export function ofAll(shown: number, all: number, where: string, format: Format): string {
  return all > shown ? `${format.count(shown)} of ${format.count(all)}, all of them ${where}` : '';
}

/** What the audit itself cost, in money and calls. */
export function ownCost(content: DigestContent, format: Format): string {
  return `This audit cost ${format.exact(content.ownCost)} in API fees, ${calls(content, format)}`;
}

function calls({ ownCost: { calls: all } }: DigestContent, format: Format): string {
  const sum = all.reduce((total, { count }) => total + count, 0);
  return `${format.count(sum)} ${sum === 1 ? 'call' : 'calls'}`;
}

/** `Amazon EC2 (aws)` */
export function serviceName(row: { readonly provider: string; readonly service: string }): string {
  const [service, provider] = [plain(row.service, 48), plain(row.provider, 20)];
  return `${service === '' ? '(no service)' : service}${provider === '' ? '' : ` (${provider})`}`;
}

/** What stops saved by the bill, and beside it what was estimated for the same hours. */
export function savingsFacts(content: DigestContent, format: Format): string[] {
  const { savings } = content;
  if (savings === null) return [];
  const { stops, unbilled, estimated, realised } = savings;
  const count = `${format.count(stops)} ${stops === 1 ? 'stop' : 'stops'}`;
  if (realised.length === 0) return [`${count}; no bill reaches that far yet`];
  const said = estimated.length === 0 ? 'nothing was' : `${format.amounts(estimated)} was`;
  const open = unbilled === 0 ? '' : `; ${format.count(unbilled)} not billed yet`;
  return [`${count}: ${format.amounts(realised)} by the bills; ${said} estimated for the same hours${open}`];
}

/** `Stopped 2, $382 a month`; of what saves nothing no amount. */
export function lifeFact({ label, count, amounts, unpriced }: LifeFigure, format: Format): string {
  const worth = amounts.every(({ amount }) => exact(amount).isZero())
    ? ''
    : `, ${format.amounts(amounts)} a month${unpriced === 0 ? '' : ` (${format.count(unpriced)} not known)`}`;
  return `${label} ${format.count(count)}${worth}`;
}

/** What of its budget a month has spent (`62% of $25,000`), or up to when it speaks. */
export function monthNote({ budget, until, since, unknownDays }: MonthFigure, format: Format): string {
  const gap = `${since === null ? '' : `, since ${format.day(since)}, when bills begin`}${unknownDays === 0 ? '' : `, ${days(unknownDays, format)} in no bill`}`;
  return budget === null
    ? `before ${format.day(until)}${gap}`
    : `${format.percent(budget.percent)} of ${format.money(budget.limit)}${gap}`;
}

const QUESTIONS: Readonly<Record<DecisionKind, string>> = {
  'approve-stop': 'approve stopping',
  'approve-exemption': 'approve an exemption of',
  'name-owner': 'who owns',
  repair: 'did not work, look at',
};

/** What is to be decided about which resource, and what it is worth. */
export function decisionFact(
  { kind, line, since }: DecisionLine,
  format: Format,
  most: number,
): { readonly question: string; readonly told: string } {
  const worth = line.monthlySaving ?? line.monthlyCost;
  return {
    question: `${QUESTIONS[kind]} ${plain(line.title, most)}`,
    told: [
      ...(worth === null ? [] : [`${format.money(worth)} a month`]),
      ...(since === null ? [] : [`asked ${format.day(since.slice(0, 10))}`]),
    ].join(', '),
  };
}

/** A number for who leads, or that it is unknown. */
export function executiveValue({ id, value }: ExecutiveFigure, format: Format): string {
  if (value === null) return 'unknown';
  if ('percent' in value) return format.percent(value.percent);
  // What one of something costs is often far below a cent.
  return id === 'unit-cost' ? format.rate(value.money) : format.money(value.money);
}

/** Does it stay, so that it has a price a month? */
export function anomalyStays({ kind }: AnomalyLine): boolean {
  return kind !== 'spike' && kind !== 'dip';
}

/** `since Oct 27` of what goes on; `Nov 12` or `Nov 12 to Nov 13`, the days that its money is of, of anything else. */
export function anomalyDays(line: AnomalyLine, format: Format): string {
  const { first, last, open } = line;
  return anomalyStays(line) && open ? `since ${format.day(first)}` : daysFrom(first, last, format);
}

/** `Nov 12`, or `Nov 12 to Nov 13`. */
export function daysFrom(first: string, last: string, format: Format): string {
  return first === last ? format.day(first) : `${format.day(first)} to ${format.day(last)}`;
}

/** `still off, acknowledged`; of what is open in the ledger nothing more than that it is still off. */
export function anomalyState({ open, alert }: AnomalyLine): string {
  const standing = open ? 'still off' : 'over';
  if (alert === null || alert.state === 'open' || alert.state === 'closed') return standing;
  return `${standing}, ${alert.state}${untilOf(alert)}`;
}

/** ` until 2026-12-01` of what somebody said to be expected; else nothing. */
export function untilOf({ state, until }: NonNullable<AnomalyLine['alert']>): string {
  return state === 'expected' && until !== null ? ` until ${until.slice(0, 10)}` : '';
}

/** `+$5,163 a month: step up, Amazon EC2, research since Oct 27; resource i-0abc, 100% of the change; owner ana` */
export function anomalyFact(line: AnomalyLine, format: Format): { money: string; told: string } {
  const { kind, what, cause, owner, against } = line;
  return {
    money: `${format.change(line.impact)}${anomalyStays(line) ? ' a month' : ''}`,
    told: [
      `${kind} ${anomalyDays(line, format)}, ${what.map((name) => plain(name, 30) || NAMELESS).join(', ')}`,
      ...(cause === null ? [] : [format.phrase(cause)]),
      ...(against === null ? [] : [owner === null ? 'no known owner' : `owner ${plain(owner, 40)}`]),
      anomalyState(line),
    ].join('; '),
  };
}
