import { digestFormat, type Format } from '../../digest/format.ts';
import { plain } from '../../digest/names.ts';
import { significant } from '../../digest/significant.ts';
import { alertStage, isAlertId, isWaiting } from '../../ledger/alerts/decide.ts';
import type { Alert, Told } from '../../ledger/alerts/model.ts';
import { knownZone } from '../../platform/zone.ts';
import { type ActionsBlock, type Button, context, header, labelled, type Run, textLines } from '../blocks.ts';
import type { SlackMessage } from '../model.ts';
import { when } from './when.ts';

/** What a person can do with an alert; the `action_id` of the click. */
export type AlertActionId = 'on-it' | 'expected';

/** What a button of an alert holds, in its `block_id`: which alert, and what it was drawn for. */
export interface AlertToken {
  readonly alert: string;
  readonly stage: string;
}

export function writeAlertToken({ alert, stage }: AlertToken): string {
  return `${alert}.${stage}`;
}

/** Null for what no button of an alert holds. */
export function readAlertToken(text: string): AlertToken | null {
  const [alert = '', stage = '', ...rest] = text.split('.');
  return isAlertId(alert) && /^[0-9a-f]{8}$/.test(stage) && rest.length === 0 ? { alert, stage } : null;
}

const WIDE = 300;
const HOUR = 3_600_000;

/**
 * An alert as it stands: the first message and every rewriting of it.
 * @param role as whom its reader is told
 * @param timezone IANA zone in which times are told; days are those of the bills, UTC
 */
export function renderAlert(alert: Alert, role: Told['role'], timezone: string): SlackMessage {
  const format = digestFormat(knownZone(timezone));
  const title = titleOf(alert);
  const pressed = buttonsOf(alert);
  return {
    text: title,
    blocks: [
      header(title),
      textLines([
        ...escalated(alert, role, timezone),
        ...linesOf(alert, format),
        ...answered(alert, timezone),
      ]),
      ...(pressed === null ? [] : [pressed]),
      context([footer(alert)]),
    ],
  };
}

/** What an alert is about, in one line. */
export function titleOf(alert: Alert): string {
  const name = plain(alert.subject['budget'] ?? '', 60);
  switch (alert.kind) {
    case 'anomaly':
      return `Unusual cost: ${subjectOf(alert, 90)}`;
    case 'budget':
      return `Budget ${name}: ${alert.tier ?? 0}% reached`;
    case 'forecast':
      return `Budget ${name}: it will probably be exceeded`;
    case 'expired':
      return `Experiment ${name}: it was to end on ${alert.firstDay} and still costs`;
    case 'runaway':
      return `AI usage far above its usual: ${subjectOf(alert, 90)}`;
    case 'unit':
      return `Unit ${plain(alert.subject['unit'] ?? '', 60)}: ${plain(alert.measured?.of ?? '', 60)} is ${alert.measured?.worse === true ? 'worse' : 'better'} than usual`;
  }
}

/** Values of its axes, without those that say nothing. */
export function subjectOf({ subject }: Pick<Alert, 'subject'>, most = 120): string {
  const values = Object.entries(subject).filter(
    ([axis, value]) =>
      value !== '' &&
      !(axis === 'team' && value === 'unallocated') &&
      !(axis === 'transfer' && value === 'no transfer'),
  );
  return plain(values.map(([axis, value]) => (axis === 'team' ? `team ${value}` : value)).join(', '), most);
}

function linesOf(alert: Alert, format: Format): Run[][] {
  switch (alert.kind) {
    case 'anomaly':
      return [...anomalyLines(alert, format), ...sharedLines(alert)];
    case 'runaway':
      return [...runawayLines(alert, format), ...sharedLines(alert)];
    case 'unit':
      return [...unitLines(alert, format), ...sharedLines(alert)];
    case 'budget':
    case 'expired':
    case 'forecast':
      return [...budgetLines(alert, format), ...sharedLines(alert)];
  }
}

/** How long it stays, in words. */
const KINDS: Readonly<Record<string, string>> = {
  spike: 'A spike',
  dip: 'A dip',
  'step up': 'A step up that stays',
  'step down': 'A step down that stays',
  'drift up': 'Growth beyond its own',
  'drift down': 'Decline beyond its own',
};
const CHARGED: Readonly<Record<string, string>> = {
  ...KINDS,
  new: 'It was never charged before',
  stopped: 'It is charged no more',
};

function anomalyLines(alert: Alert, format: Format): Run[][] {
  const { money, monthly, expected, ongoing } = alert;
  if (money === null) return [];
  const span = spanOf(alert, format);
  const off = money.amount.startsWith('-')
    ? `${format.exact({ ...money, amount: money.amount.slice(1) })} less`
    : `${format.exact(money)} more`;
  const stays = monthly === null ? '' : `, ${format.money(monthly)} a month if it stays`;
  return [
    [
      { bold: `${CHARGED[alert.what] ?? plain(alert.what, 40)}: ` },
      `${off} than expected ${span}${ongoing ? ' so far' : ''}${stays}.`,
    ],
    ...(expected === null
      ? []
      : [
          [
            { bold: 'Seen: ' },
            `${format.exact(expected.value)} ${expected.of}; ${format.exact(expected.low)} to ${format.exact(expected.high)} would have been usual.`,
          ],
        ]),
  ];
}

function spanOf({ firstDay, lastDay }: Alert, format: Format): string {
  return firstDay === lastDay
    ? `on ${format.day(firstDay)}`
    : `from ${format.day(firstDay)} to ${format.day(lastDay)}`;
}

function unitLines(alert: Alert, format: Format): Run[][] {
  const { measured, what, ongoing } = alert;
  if (measured === undefined || measured === null) return [];
  const { unit, actual, expected, low, high } = measured;
  const each = (value: string) => `${significant(value)}${unit === '' ? '' : ` ${plain(unit, 20)}`}`;
  return [
    [
      { bold: `${KINDS[what] ?? 'Other than ever'}: ` },
      `${each(actual)} a day on average ${spanOf(alert, format)}${ongoing ? ' so far' : ''}; ${each(expected)} was expected.`,
    ],
    [{ bold: 'Usual: ' }, `${each(low)} to ${each(high)} would have been nothing.`],
  ];
}

function runawayLines(alert: Alert, format: Format): Run[][] {
  const { money, measured, expected, firstDay, lastDay } = alert;
  const end = new Date(Date.parse(lastDay) + HOUR).toISOString();
  const [from, to] = [firstDay, end].map((at) => at.slice(0, 16).replace('T', ' '));
  const hours = `from ${from} to ${to} UTC`;
  if (money === null)
    return measured === undefined || measured === null
      ? []
      : [
          [
            { bold: 'Seen: ' },
            `${counted(measured.actual)} ${measured.of} ${hours} so far; ${counted(measured.expected)} is usual, and at most ${counted(measured.high)} would have been at this hour of the week.`,
          ],
        ];
  return [
    [{ bold: 'Estimated at list price: ' }, `${format.exact(money)} above usual, ${hours} so far.`],
    ...(expected === null
      ? []
      : [
          [
            { bold: 'Seen: ' },
            `${format.exact(expected.value)} ${expected.of}; at most ${format.exact(expected.high)} would have been usual at this hour of the week.`,
          ],
        ]),
  ];
}

function counted(text: string): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(Number(text));
}

function budgetLines(alert: Alert, format: Format): Run[][] {
  const { kind, money, limit, window, lastDay, expected, probability, throttle, firstDay } = alert;
  if (money === null) return [];
  const of = limit === null ? '' : ` of ${format.exact(limit)}`;
  const period = window === null ? '' : ` for ${format.period(window)}`;
  const chance = probability === null ? '' : `${Math.round(probability * 100)}%`;
  const spent: Run[][] =
    kind === 'forecast'
      ? [
          [
            { bold: 'Expected: ' },
            `${format.exact(money)}${period}, against a limit of ${limit === null ? '-' : format.exact(limit)}; the probability to exceed it is ${chance}.`,
          ],
        ]
      : kind === 'expired'
        ? [[{ bold: 'Since then: ' }, `${format.exact(money)} from ${firstDay} to ${lastDay}.`]]
        : [[{ bold: 'Spent: ' }, `${format.exact(money)}${of}${period}, on days up to ${lastDay}.`]];
  return [
    ...spent,
    ...(kind === 'budget' && probability !== null && (alert.tier ?? 0) < 100
      ? [[{ bold: 'Outlook: ' }, `the probability to exceed it is ${chance}.`]]
      : []),
    ...(expected === null
      ? []
      : [
          [
            { bold: 'Range: ' },
            `${format.exact(expected.low)} to ${format.exact(expected.high)} ${expected.of}.`,
          ],
        ]),
    ...(throttle === null
      ? []
      : [
          [
            { bold: 'What a throttle would do: ' },
            `to keep the limit, use would have to fall by ${throttle.percent}%, from ${format.exact(throttle.recent)} a day lately to ${format.exact(throttle.allowed)}. Bursar only says so: it throttles nothing.`,
          ],
        ]),
  ];
}

function sharedLines({ causes, owner, blindSpots, kind }: Alert): Run[][] {
  return [
    ...(causes.length === 0
      ? []
      : [[{ bold: 'Likely cause: ' }, `${plain(causes.slice(0, 4).join('; '), 2 * WIDE)}.`]]),
    ...(owner === null
      ? []
      : [[{ bold: 'Owner: ' }, `${plain(owner.id, 80)} (${plain(owner.source, 80)}).`]]),
    ...(blindSpots.length === 0 || kind === 'anomaly'
      ? []
      : [[{ bold: 'What we cannot see: ' }, plain(blindSpots.join(' '), 2 * WIDE)]]),
  ];
}

function escalated({ told, round, route }: Alert, role: Told['role'], timezone: string): Run[][] {
  if (role !== 'escalation') return [];
  const first = told.find((each) => each.round === round && each.role === 'first');
  // Both were told in one turn: that nobody answered yet says nothing.
  if (route.atOnce === true && route.escalation !== route.also)
    return [
      [
        {
          bold: `This does not wait for business hours: ${first === undefined ? 'whoever answers for it could not be told.' : `${plain(first.contact, 80)} was told as well.`}`,
        },
      ],
    ];
  const why =
    first === undefined
      ? 'Whoever answers for it could not be told.'
      : `${plain(first.contact, 80)} was told on ${when(first.at, timezone)}, and nobody has answered.`;
  return [[{ bold: why }]];
}

/** Who answered it, and how it stands. */
function answered({ state, by, until, history }: Alert, timezone: string): Run[][] {
  if (state === 'closed') return [[{ bold: 'Over: ' }, `${plain(history.at(-1)?.reason ?? '', WIDE)}.`]];
  if (by === null) return [];
  const at = ` (${when(by.at, timezone)})`;
  const did =
    state === 'acknowledged' ? ' is on it' : ` says that it is expected, until ${(until ?? '').slice(0, 10)}`;
  return [[{ user: by.person.user }, `${did}${at}.`]];
}

const button = (action_id: AlertActionId, text: string): Button => ({
  type: 'button',
  action_id,
  text: labelled(text),
});

function buttonsOf(alert: Alert): ActionsBlock | null {
  if (!isWaiting(alert)) return null;
  return {
    type: 'actions',
    block_id: writeAlertToken({ alert: alert.id, stage: alertStage(alert) }),
    elements: [...(alert.state === 'open' ? [button('on-it', 'On it')] : []), button('expected', 'Expected')],
  };
}

function footer({ kind, id, money }: Alert): string {
  const basis =
    kind === 'runaway'
      ? money === null
        ? 'Counted before any bill, and not priced.'
        : 'An estimate before any bill; bills may say otherwise.'
      : kind === 'unit'
        ? 'Days on which the number is known.'
        : 'Effective cost of settled days, UTC, without credits and corrections.';
  return `${basis} Bursar changes nothing. ${id}`;
}
