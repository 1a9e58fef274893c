import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Page, pages, ROOT } from './pages.ts';

const all = pages();

interface Link {
  readonly target: string;
  readonly anchor: string | null;
}

/** Links to files and headings; what begins with a scheme leads elsewhere. */
function links({ prose }: Pick<Page, 'prose'>): Link[] {
  const plain = prose.replace(/`[^`\n]*`/g, 'code');
  const inline = [...plain.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)(?:\s+"[^"]*")?\)/g)];
  const images = [...plain.matchAll(/<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)"/g)];
  return [...inline, ...images]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .map((whole) => {
      const [target = '', anchor] = whole.split('#', 2);
      return { target: decodeURIComponent(target), anchor: anchor ?? null };
    });
}

/** The anchors that GitHub gives to a page's headings: small letters, hyphens for spaces, signs left out. */
export function anchors({ prose }: Pick<Page, 'prose'>): Set<string> {
  const given = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const base = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = base;
    for (let again = 1; given.has(anchor); again += 1) anchor = `${base}-${again}`;
    given.add(anchor);
  }
  for (const [, id = ''] of prose.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) given.add(id);
  return given;
}

describe.each(all.map((page) => [page.path, page] as const))('%s', (path, page) => {
  test('leads to files and headings that are there', () => {
    const broken = links(page).flatMap(({ target, anchor }) => {
      const file = target === '' ? path : normalize(join(dirname(path), target));
      if (file.startsWith('..')) return [`${target}: outside the project`];
      if (!existsSync(join(ROOT, file))) return [`${target}: no such file`];
      if (anchor === null || statSync(join(ROOT, file)).isDirectory()) return [];
      if (!file.endsWith('.md')) return [`${target}#${anchor}: no page`];
      const known = all.find((each) => each.path === file) ?? {
        prose: readFileSync(join(ROOT, file), 'utf8'),
      };
      return anchors(known).has(anchor) ? [] : [`${target}#${anchor}: no such heading`];
    });
    expect(broken).toEqual([]);
  });
});

test('every page is reached from the index of docs', () => {
  const seen = new Set<string>();
  const open = ['docs/README.md'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const page = all.find((each) => each.path === path);
    if (page === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const { target } of links(page)) {
      const file = normalize(join(dirname(path), target));
      if (target !== '' && file.startsWith('docs')) open.push(file);
    }
  }
  expect(all.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !seen.has(path))).toEqual(
    [],
  );
});

test('anchors are those that GitHub gives', () => {
  const prose = '# `bursar` slack\n## 6. Let it act\n## What & why?\n## What & why?\n### a_b — c\n';
  expect([...anchors({ prose })]).toEqual([
    'bursar-slack',
    '6-let-it-act',
    'what--why',
    'what--why-1',
    'a_b--c',
  ]);
});
