import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const told = z.object({ before: z.number(), tight: z.number() });

test('garbage is collected earlier while it works', async () => {
  const child = join(import.meta.dirname, 'tight-heap.child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child]);
  const { before, tight } = told.parse(JSON.parse(stdout));
  expect(tight).toBeLessThan(0.85 * before);
});
