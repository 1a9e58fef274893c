/** A part of a name: in double quotes whatever it holds, else without points and quotes. A name has no NUL character. */
const PART = String.raw`"(?:[^"\0]|"")+"|[^".\0]+`;
const NAME = new RegExp(`^(?:${PART})(?:\\.(?:${PART})){0,2}$`);

/**
 * The parts of a table's name, as the catalogue spells them: `docs.Pages of 2026`, `"docs"."pages.v2"`. What is in
 * double quotes stands for itself, with `""` for a quote, as in SQL; what is not is taken as it is written, whatever
 * its case.
 * @returns null where it is no name
 */
export function nameParts(name: string): readonly string[] | null {
  if (!NAME.test(name)) return null;
  return [...name.matchAll(new RegExp(PART, 'g'))].map(([part]) => unquoted(part));
}

/** A name without the double quotes around it. */
export function unquoted(name: string): string {
  return /^"(?:[^"]|"")+"$/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}
