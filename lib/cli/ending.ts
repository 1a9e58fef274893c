import { extname } from 'node:path';

/** Endings of files, and the formats that are written into one, the usual first. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  '.txt': ['text', 'table'],
  '.csv': ['csv'],
  '.json': ['json', 'slack'],
  // A mail is written as the HTML of its body.
  '.html': ['html', 'email'],
  '.htm': ['html', 'email'],
  // A whole message, with its head, nothing here writes.
  '.eml': [],
  '.md': ['markdown'],
  // Stacks are written as YAML.
  '.yaml': ['cloudformation'],
  '.yml': ['cloudformation'],
  '.tf': ['terraform', 'google-terraform'],
  '.sh': ['gcloud'],
};

/** Commands of which `--out` is a folder. */
const INTO_FOLDERS: ReadonlySet<string> = new Set(['demo', 'export']);

/** Is the answer of this command written into one file of that name? */
export function writesFile(command: string): boolean {
  return !INTO_FOLDERS.has(command);
}

/** The first of `formats` that a file of this name holds by its ending; null where it says nothing of them. */
export function formatOfEnding(file: string, formats: readonly string[]): string | null {
  const meant = FORMATS[extname(file).toLowerCase()] ?? [];
  return meant.find((format) => formats.includes(format)) ?? null;
}

/** Does the ending name formats, of which this is none? Then what is written is not what the name says. */
export function isAnother(file: string, format: string): boolean {
  const meant = FORMATS[extname(file).toLowerCase()];
  return meant !== undefined && !meant.includes(format);
}
