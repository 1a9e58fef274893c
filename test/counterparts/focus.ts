import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';
import { answers, freePort, launch, type Running } from './server.ts';

/** The FinOps Foundation's own validator of FOCUS data sets. */
export const FOCUS_VALIDATOR = ['focus-validator==2.2.1', 'pyarrow<22'] as const;

export async function installFocusValidator() {
  return await venv('focus-validator', FOCUS_VALIDATOR, {
    // Its pinned NumPy has no wheel for 3.13, and building it takes longer than all tests.
    least: '3.12',
    below: '3.13',
    constraints: heldBy('focus-validator'),
  });
}

const SERVE = fileURLToPath(new URL('focus.serve.py', import.meta.url));

/** The validator as a server: see focus.validate.ts, which asks it. */
async function startFocusValidator(): Promise<Running & { readonly url: string }> {
  const { python, sitePackages } = await installFocusValidator();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `focus-validator-${port}`,
    command: python,
    args: [SERVE, String(port)],
    // It reads a file of its own relative to where it is started: in its site-packages.
    cwd: sitePackages,
    ready: () => answers(url),
  });
  return { ...running, url };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startFocusValidator();
  project.provide('focusValidator', url);
  const temporary = await mkdtemp(join(tmpdir(), 'bursar-focus-'));
  project.provide('focusFolder', temporary);
  return async () => {
    await stop();
    await rm(temporary, { recursive: true, force: true });
  };
}
