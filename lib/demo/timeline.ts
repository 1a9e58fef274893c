import { digestFormat, type Format } from '../digest/format.ts';
import type { FindingRecord } from '../ledger/model.ts';
import { type Answer, addressOf } from './people.ts';

/** One thing that happened in the played week. */
export type Happening =
  | {
      readonly kind: 'swept';
      readonly at: string;
      readonly did: string;
      readonly told: string;
      /** The finding as it stood after. */
      readonly record: FindingRecord;
    }
  | { readonly kind: 'answered'; readonly at: string; readonly answer: Answer; readonly stored: boolean };

type Swept = Extract<Happening, { kind: 'swept' }>;

/** The whole week for a terminal or a file. */
export function weekText(happened: readonly Happening[], timezone: string, digest: string): string {
  return `${[
    'The week after, played in fast time under the policies of week/bursar.yaml',
    ...timeline(happened, timezone).map((line) => `  ${line}`),
  ].join('\n')}\n\n${digest}`;
}

/** Reasons of the calendar alone. */
const OFF_HOURS = /^: nothing is stopped on /;

/** A line of the timeline before names of the same moment and words are put together. */
interface Line {
  readonly at: string;
  readonly what: string;
  readonly name: string;
  readonly rest: string;
}

/** The week in short lines, `Mon 09:15  warned  ...`, in the organisation's zone; what repeats itself is told once. */
export function timeline(happened: readonly Happening[], timezone: string): string[] {
  const format = digestFormat(timezone);
  const when = clockOf(timezone);
  const grouped: { line: Line; names: string[] }[] = [];
  const told = new Set<string>();
  const settled = new Set<string>();
  for (const line of happened.flatMap((each) => lineOf(each, format, when) ?? [])) {
    const once = JSON.stringify([line.what, line.name, line.rest]);
    if (line.what === 'not stopped') {
      // Once a protection is told, that it is no hour for a stop says nothing more.
      if (told.has(once) || settled.has(line.name) || OFF_HOURS.test(line.rest)) continue;
      if (line.rest.includes('protects it')) settled.add(line.name);
    }
    told.add(once);
    const last = grouped.find(
      ({ line: { at, what, rest } }) => at === line.at && what === line.what && rest === line.rest,
    );
    if (last === undefined) grouped.push({ line, names: [line.name] });
    else last.names.push(line.name);
  }
  return grouped.map(
    ({ line: { at, what, rest }, names }) => `${when(at)}  ${what.padEnd(13)} ${names.join(', ')}${rest}`,
  );
}

function lineOf(happening: Happening, format: Format, when: (iso: string) => string): Line | null {
  return happening.kind === 'swept' ? sweptLine(happening, format, when) : answeredLine(happening);
}

function sweptLine(
  { at, did, told, record: { finding, life } }: Swept,
  format: Format,
  when: (iso: string) => string,
): Line | null {
  const name = finding.resourceName ?? finding.resourceId;
  const to = life?.notice?.recipient;
  switch (did) {
    case 'warned':
      if (to?.kind !== 'owner')
        return {
          at,
          what: 'offered',
          name,
          rest: ` to ${to?.id ?? 'the channel'}: it has no owner, so silence never stops it`,
        };
      return {
        at,
        what: 'warned',
        name,
        rest: `: ${to.id} was told${finding.dueAt === null ? '' : `; stopped not before ${when(finding.dueAt)}`}`,
      };
    case 'reminded':
      return { at, what: told === 'last-call' ? 'last call' : 'reminded', name, rest: ' in the thread' };
    case 'stopped': {
      const saving = life?.stopped?.estimated ?? null;
      return {
        at,
        what: 'stopped',
        name,
        rest: ` after a fresh look${saving === null ? '' : `, ${format.money(saving)} a month`}`,
      };
    }
    case 'blocked':
    case 'not stopped':
      return { at, what: 'not stopped', name, rest: `: ${told}` };
    case 'restored':
      return { at, what: 'runs again', name, rest: '' };
    case 'undeliverable':
    case 'stop failed':
    case 'restore failed':
      return { at, what: did, name, rest: `: ${told}` };
    default:
      return null;
  }
}

const DONE: Readonly<Record<Answer['action'], string>> = {
  claim: 'claimed',
  acknowledge: 'acknowledged',
  keep: 'kept',
  undo: 'undo pressed',
};

function answeredLine({ at, answer, stored }: Extract<Happening, { kind: 'answered' }>): Line {
  const { action, choice, resource, user } = answer;
  const days = choice === null ? '' : ` for ${choice} days`;
  const rest = `${days} by ${addressOf(user)}${stored ? '' : ', too late'}`;
  return { at, what: DONE[action], name: resource, rest };
}

function clockOf(timezone: string): (iso: string) => string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (iso) => parts.format(new Date(iso)).replace(', ', ' ');
}
