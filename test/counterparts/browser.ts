import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import type { TestProject } from 'vitest/node';
import { install, run } from './install.ts';

/** Deque's axe, which judges pages by the success criteria of WCAG. */
export const AXE = 'axe-core@4.14.1';

const PINS = join(import.meta.dirname, 'pins', 'axe');

/** Chromium as a npm package ships it, unpacked; `playwright-core` drives it. */
export async function unpackBrowser(): Promise<{ executablePath: string; args: string[] }> {
  chromium.setGraphicsMode = false;
  return { executablePath: await chromium.executablePath(), args: [...chromium.args, '--disable-gpu'] };
}

/** The file of axe that a page runs. */
export async function installAxe(): Promise<string> {
  const lock = await readFile(join(PINS, 'package-lock.json'), 'utf8');
  const folder = await install({
    name: 'axe',
    spec: [AXE, lock],
    build: async (into) => {
      for (const file of ['package.json', 'package-lock.json'])
        await copyFile(join(PINS, file), join(into, file));
      // `npm ci` fails where a package is not what the lock file says, by its hash.
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: into,
      });
    },
  });
  return join(folder, 'node_modules/axe-core/axe.min.js');
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('browser', await unpackBrowser());
  project.provide('axe', await installAxe());
}
