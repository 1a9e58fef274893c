import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Scratch folders of processes that were killed are removed once nothing was put into them for so long. */
const ABANDONED_MS = 24 * 3_600_000;
const PREFIX = 'lake-';

/** A folder of one's own under `workDir`, which is made where it is missing; what the killed left behind goes. */
export async function scratchFolder(workDir: string, now: Date): Promise<string> {
  await mkdir(workDir, { recursive: true });
  for (const entry of await readdir(workDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(PREFIX)) continue;
    const path = join(workDir, entry.name);
    const facts = await stat(path).catch(() => null);
    if (facts !== null && now.getTime() - facts.mtimeMs > ABANDONED_MS)
      await rm(path, { recursive: true, force: true });
  }
  return await mkdtemp(join(workDir, PREFIX));
}
