/** Writes the generated part of docs/security.md: `node test/infra/write-docs.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rightsPage } from './security-page.ts';

export const PAGE = join(import.meta.dirname, '../../docs/security.md');
export const BEGIN = '<!-- rights: written by node test/infra/write-docs.ts -->';
export const END = '<!-- end -->';

/** The page with its generated part put in; what people wrote stays. */
export function withRights(page: string, rights: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`docs/security.md has no ${BEGIN} ... ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${rights}\n\n${page.slice(to)}`;
}

if (import.meta.main) writeFileSync(PAGE, withRights(readFileSync(PAGE, 'utf8'), await rightsPage()));
