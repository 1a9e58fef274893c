import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A page of Markdown: its path from the project's folder, its text, its blocks of code and the rest. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Without blocks of code. */
  readonly prose: string;
}

export interface Block {
  /** `sh`, `yaml` ...; `indented` where four spaces make it code. */
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** README, changes and everything under docs/. */
export function pages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file));
  return ['README.md', 'CHANGELOG.md', ...docs.toSorted()].map(page);
}

function page(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { language: string; fence: string; line: number; lines: string[] } | null = null;
  let before = '';
  for (const [at, line] of text.split('\n').entries()) {
    const fence = /^\s*(`{3,})(\w*)/.exec(line);
    if (open !== null && open.language === 'indented' && !/^( {4}|$)/.test(line)) {
      blocks.push({ ...open, text: dedented(open.lines) });
      open = null;
    }
    if (open !== null) {
      if (fence?.[1] === open.fence) {
        blocks.push({ ...open, text: dedented(open.lines) });
        open = null;
      } else open.lines.push(line);
    } else if (fence !== null)
      open = { language: fence[2] ?? '', fence: fence[1] ?? '', line: at + 2, lines: [] };
    else if (line.startsWith('    ') && before === '')
      open = { language: 'indented', fence: '', line: at + 1, lines: [line] };
    else prose.push(line);
    before = line.trim();
  }
  if (open !== null) blocks.push({ ...open, text: dedented(open.lines) });
  return { path: relative('.', path), text, blocks, prose: prose.join('\n') };
}

function dedented(lines: readonly string[]): string {
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines
    .map((line) => line.slice(depth))
    .join('\n')
    .trimEnd();
}
