import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskFault } from '../../lib/platform/disk-fault.ts';

test('what the file system refuses is told with its path, and what is no such error is none', async () => {
  const here = await mkdtemp(join(tmpdir(), 'bursar-disk-'));
  onTestFinished(() => rm(here, { recursive: true, force: true }));
  const refused = await writeFile(here, 'x').catch((error: unknown) => error);
  expect(diskFault(refused)).toMatchObject({ where: here, message: 'a folder is there', exitCode: 4 });
  const below = join(here, 'file', 'below');
  await writeFile(join(here, 'file'), 'x');
  const notThere = await writeFile(below, 'x').catch((error: unknown) => error);
  expect(diskFault(notThere)).toMatchObject({ where: below, message: 'a file is where a folder has to be' });
  expect(diskFault(new Error('EACCES'))).toBeNull();
  expect(diskFault(Object.assign(new Error('x'), { code: 'constructor' }))).toBeNull();
});
