import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { Progress } from '../../platform/progress.ts';
import type { Source } from '../../sources/model.ts';
import { plan } from '../collect.ts';
import type { Assembled } from './cli.ts';
import { examineSlack } from './doctor-slack.ts';

export interface Examined {
  readonly what: string;
  readonly state: 'works' | 'fails' | 'not tried' | 'not configured';
  readonly told: string;
  readonly todo: string | null;
}

/** Tries what the config asks for, without changing anything: each part by the calls that an audit makes. */
export async function examine(
  { auditor, config }: Assembled,
  now: Date,
  progress: Progress,
): Promise<Examined[]> {
  const examined: Examined[] = [
    { what: 'config', state: 'works', told: `${Object.keys(config.sources).length} sources`, todo: null },
  ];
  progress.step('lake and ledger');
  const held = await auditor.lake.sources();
  examined.push({
    what: 'lake',
    state: 'works',
    told: held.map(({ sourceId, asOf }) => `${sourceId} to ${asOf ?? 'no date'}`).join('; ') || 'no bill yet',
    todo: held.length === 0 ? 'bursar audit --bills PATH, or --aws' : null,
  });
  const newer = await auditor.ledger.newer();
  examined.push(
    newer.length === 0
      ? { what: 'ledger', state: 'works', told: 'readable', todo: null }
      : {
          what: 'ledger',
          state: 'fails',
          told: `${newer.length} rows were written by a newer version`,
          todo: 'Update bursar.',
        },
  );
  progress.step('bills');
  for (const source of auditor.sources) examined.push(await bill(source, now, progress));
  progress.step('estate');
  examined.push(...(await estates(auditor, now)));
  progress.step('Slack');
  examined.push(await examineSlack(config).catch((error: unknown) => failure('slack', error)));
  return examined;
}

/** Looks at a bill that lies on this machine; asking a provider for one costs money or takes a download. */
async function bill(source: Source, now: Date, progress: Progress): Promise<Examined> {
  const what = `bill:${source.id}`;
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

function needs(permissions: readonly { action: string }[]): string {
  return permissions.map(({ action }) => action).join(', ') || 'no cloud right';
}

function needed(permissions: readonly { action: string }[]): string | null {
  return permissions.length === 0 ? null : `Needs ${needs(permissions)}.`;
}

/** An error's text begins with where it happened, which is named already. */
function withoutScope(text: string, scope: string): string {
  return text.startsWith(`${scope}: `) ? text.slice(scope.length + 2) : text;
}

/** Lists scopes, then reads one of each part with the calls that an audit makes. */
async function estates(auditor: Assembled['auditor'], now: Date): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const estate of auditor.estates) {
    try {
      const { tasks, reports } = await plan({ ...auditor, sources: [], estates: [estate] }, 'doctor', now);
      for (const { scope, reason } of reports.flatMap(({ coverage }) => coverage))
        found.push({
          what: scope,
          state: 'fails',
          told: withoutScope(reason ?? '', scope),
          todo: needed(estate.permissions),
        });
      for (const task of tasks) {
        if (task.kind !== 'estate') continue;
        const { coverage } = await estate.collect(task.scope, now, new Meter());
        for (const { scope, status, reason } of coverage)
          found.push({
            what: scope,
            state: status === 'complete' ? 'works' : 'fails',
            told: withoutScope(reason ?? 'read completely', scope),
            todo: status === 'complete' ? null : needed(estate.permissions),
          });
      }
    } catch (error) {
      found.push(failure('estate', error));
    }
  }
  return found;
}

function failure(what: string, error: unknown): Examined {
  if (error instanceof BursarError) return { what, state: 'fails', told: error.message, todo: error.hint };
  return { what, state: 'fails', told: error instanceof Error ? error.message : String(error), todo: null };
}
