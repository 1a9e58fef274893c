/** Days by their names and by the first three letters of them; `Monthly 09:00` is no Monday. */
const DAYS: ReadonlyMap<string, string> = new Map(
  ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].flatMap((name) => {
    const day = name.slice(0, 3);
    return [name, day].map((written) => [written.toLowerCase(), day.toUpperCase()] as const);
  }),
);

/**
 * The expression of EventBridge Scheduler for what a config says: `Mon 09:00` (weekly), `09:00` (daily),
 * `rate(15 minutes)`, `cron(0 9 ? * MON *)`. Times are in the time zone that the schedule is made with. A rate
 * is a positive whole number of minutes, hours or days; a cron has six fields, of which exactly one of
 * day-of-month and day-of-week is `?` (EventBridge Scheduler User Guide, "Schedule types", read November 2026).
 * @throws RangeError for anything else
 */
export function scheduleExpression(text: string): string {
  return weekly(text) ?? rate(text) ?? cron(text) ?? refuse(text);
}

function weekly(text: string): string | null {
  const match = /^(?:([A-Za-z]+) )?(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return null;
  const [, name, hour = '', minute = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59) return null;
  const at = `${Number(minute)} ${Number(hour)}`;
  if (name === undefined) return `cron(${at} * * ? *)`;
  const day = DAYS.get(name.toLowerCase());
  return day === undefined ? null : `cron(${at} ? * ${day} *)`;
}

function rate(text: string): string | null {
  const match = /^rate\(([1-9]\d{0,4}) (minute|hour|day)s?\)$/.exec(text);
  if (match === null) return null;
  const [, value = '', unit = ''] = match;
  return `rate(${value} ${unit}${value === '1' ? '' : 's'})`;
}

/** Bounds of the six fields, the names that stand for numbers in them, and what stands there by itself. */
const FIELDS: readonly {
  readonly least: number;
  readonly most: number;
  readonly names?: RegExp;
  readonly alone?: RegExp;
}[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31, alone: /^(L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { least: 1, most: 12, names: /^(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$/ },
  { least: 1, most: 7, names: /^(SUN|MON|TUE|WED|THU|FRI|SAT)$/, alone: /^(L|[1-7]L|[1-7]#[1-5])$/ },
  { least: 1970, most: 2199 },
];

function cron(text: string): string | null {
  const inner = /^cron\((\S+(?: \S+){5})\)$/.exec(text)?.[1];
  const fields = inner?.split(' ');
  if (fields === undefined) return null;
  const unset = [fields[2], fields[4]].filter((field) => field === '?').length;
  const valid = FIELDS.every((bounds, at) => {
    const field = fields[at] ?? '';
    if (field === '?') return at === 2 || at === 4;
    return field.split(',').every((part) => isPart(part, bounds));
  });
  return valid && unset === 1 ? text : null;
}

function isPart(part: string, { least, most, names, alone }: (typeof FIELDS)[number]): boolean {
  if (alone?.test(part) === true) return true;
  const [range = '', step, ...rest] = part.split('/');
  if (rest.length > 0 || (step !== undefined && !(/^[1-9]\d{0,3}$/.test(step) && Number(step) <= most)))
    return false;
  if (range === '*') return true;
  const ends = range.split('-');
  return (
    ends.length <= 2 &&
    ends.every((end) =>
      /^\d{1,4}$/.test(end) ? Number(end) >= least && Number(end) <= most : (names?.test(end) ?? false),
    )
  );
}

function refuse(text: string): never {
  throw new RangeError(`not a schedule: ${JSON.stringify(text)}`);
}

/** `18:00-08:00` as minutes of the day, from the first to before the second; may run over midnight. */
export function quietHours(text: string): { from: number; to: number } {
  const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text);
  const [fromHour = 24, fromMinute = 60, toHour = 24, toMinute = 60] = match?.slice(1).map(Number) ?? [];
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (Math.max(fromHour, toHour) > 23 || Math.max(fromMinute, toMinute) > 59 || from === to)
    throw new RangeError(`not hours of the day: ${JSON.stringify(text)}`);
  return { from, to };
}
