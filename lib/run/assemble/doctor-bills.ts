import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lake } from '../../lake/model.ts';
import { toldLeftOut } from '../../lake/precedence.ts';
import { Meter } from '../../platform/meter.ts';
import type { Progress } from '../../platform/progress.ts';
import type { Source } from '../../sources/model.ts';
import { type Examined, failure, needs } from './examined.ts';

/** Every bill as far as trying it costs nothing; then which of them counts, where two tell the same charges. */
export async function examineBills(
  sources: readonly Source[],
  lake: Pick<Lake, 'sources' | 'overlaps'>,
  now: Date,
  progress: Progress,
): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const source of sources) examined.push(await examineBill(source, now, progress));
  const out = (await lake.sources()).flatMap(({ leftOut }) => leftOut);
  for (const told of toldLeftOut(out))
    examined.push({ what: 'which bill counts', state: 'works', told, todo: null });
  for (const told of await lake.overlaps(null))
    examined.push({
      what: 'which bill counts',
      state: 'fails',
      told,
      todo: 'Keep one of the two: no row tells which is the spare one.',
    });
  return examined;
}

/** Looks at a bill that lies on this machine, or can be looked at for next to nothing. */
async function examineBill(source: Source, now: Date, progress: Progress): Promise<Examined> {
  const what = `bill:${source.id}`;
  if (source.examine !== undefined)
    try {
      const told = await source.examine({ now, meter: new Meter() });
      return { what, state: 'works', told: `${source.type}: ${told}`, todo: null };
    } catch (error) {
      return failure(what, error);
    }
  if (source.permissions.length > 0)
    return {
      what,
      state: 'not tried',
      told: `${source.type}, read at the next audit; needs ${needs(source.permissions)}`,
      todo: null,
    };
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-'));
  try {
    const { files, skipped } = await source.deliver({ workDir, now, meter: new Meter(), progress });
    const told = `${source.type}: FOCUS files ${files.length}, others skipped ${skipped.length}`;
    return { what, state: 'works', told, todo: null };
  } catch (error) {
    return failure(what, error);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
