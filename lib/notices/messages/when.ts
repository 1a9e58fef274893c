import { knownZone } from '../../platform/zone.ts';

/** A time as its reader's calendar and clock have it: `Wed, Nov 18, 2026, 10:00 CET`. */
export function when(iso: string, timezone: string): string {
  return written(iso, timezone, {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
}

/** The day alone: `Wed, Nov 18, 2026`. */
export function day(iso: string, timezone: string): string {
  return written(iso, timezone, { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A zone that this Node does not know (Slack knows more) is told in UTC, which the text then says. */
function written(iso: string, timezone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${timezone} ${options.hour ?? ''}`;
  const format =
    formats.get(key) ?? new Intl.DateTimeFormat('en-US', { ...options, timeZone: knownZone(timezone) });
  formats.set(key, format);
  return format.format(new Date(iso));
}
