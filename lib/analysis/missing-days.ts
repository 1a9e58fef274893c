const DAY = 86_400_000;
/** A bill that has charged nothing for so many days has ended, and lacks no day. */
const ENDED = 45;
/** Weeks before a gap whose same weekday tells whether a charge was to be expected, and of these how many must have one. */
const WEEKS = 8;
const SHARE = 0.75;
/** With less than two weeks before it: so many days, and of them as many with a charge. */
const FEWEST = 7;

/**
 * Days of a half-open span on which a bill has no charge though it has one on most of their weekdays before: what they
 * cost is not known. A bill of working days lacks no weekend, and one that comes but now and then lacks nothing. Pure.
 * @param charged UTC days (`YYYY-MM-DD`) on which the bill charges anything, as far back as they are known
 * @param start first day, `YYYY-MM-DD`
 * @param end first day that is not asked for
 */
export function missingDays(charged: ReadonlySet<string>, start: string, end: string): string[] {
  const days = [...charged].toSorted();
  const [first] = days;
  if (first === undefined) return [];
  const missing: string[] = [];
  for (let at = Date.parse(start); at < Date.parse(end); at += DAY) {
    const day = dayOf(at);
    if (charged.has(day) || day < first) continue;
    const last = days.findLast((each) => each < day) ?? first;
    if (at - Date.parse(last) <= ENDED * DAY && isExpected(charged, at, first, last)) missing.push(day);
  }
  return missing;
}

/** Told by the days up to the last charge before the gap, so that a gap of weeks does not become the bill's way. */
function isExpected(charged: ReadonlySet<string>, at: number, first: string, last: string): boolean {
  const alike: boolean[] = [];
  for (let day = at - 7 * DAY; alike.length < WEEKS && dayOf(day) >= first; day -= 7 * DAY)
    if (dayOf(day) <= last) alike.push(charged.has(dayOf(day)));
  if (alike.length >= 2) return alike.filter(Boolean).length >= SHARE * alike.length;
  // A second weekend of a bill of working days is as free as the first was.
  if (alike.includes(false)) return false;
  const known = Math.round((Date.parse(last) - Date.parse(first)) / DAY) + 1;
  const had = [...charged].filter((day) => day <= last).length;
  return known >= FEWEST && had >= SHARE * known;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
