import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';

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

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { python, sitePackages } = await installFocusValidator();
  // It reads a file of its own relative to where it is started: in its site-packages.
  project.provide('focusValidator', { python, cwd: sitePackages });
  const temporary = await mkdtemp(join(tmpdir(), 'bursar-focus-'));
  project.provide('focusFolder', temporary);
  return () => rm(temporary, { recursive: true, force: true });
}
