/** What was asked before: making a formatter to ask takes ICU longer than all else that is done with the answer. */
const asked = new Map<string, string>();

/** The time zone by its own name where this Node knows it, else `UTC`: Slack knows more of them. */
export function knownZone(timezone: string): string {
  const known = asked.get(timezone) ?? zoneOf(timezone);
  asked.set(timezone, known);
  return known;
}

function zoneOf(timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return 'UTC';
    throw error;
  }
}
