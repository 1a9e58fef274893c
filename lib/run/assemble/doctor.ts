import { counted } from '../../digest/counted.ts';
import { Meter } from '../../platform/meter.ts';
import type { Progress } from '../../platform/progress.ts';
import { plan } from '../collect.ts';
import type { Assembled } from './cli.ts';
import { examineBills } from './doctor-bills.ts';
import { examineBudgets, examineGuardrails } from './doctor-guardrails.ts';
import { examineNetworks } from './doctor-networks.ts';
import { examineSecrets } from './doctor-secrets.ts';
import { examineSlack } from './doctor-slack.ts';
import { examineActLogins, examineAddresses } from './doctor-store-logins.ts';
import { examineDocuments, isReadBesidesDocuments } from './doctor-stores.ts';
import { inactiveKeys } from './doctor-tags.ts';
import { type Examined, failure, needs } from './examined.ts';

/** Tries what the config asks for, without changing anything: each part by the calls that an audit makes. */
export async function examine(
  { auditor, config }: Assembled,
  now: Date,
  progress: Progress,
): Promise<Examined[]> {
  const named = Object.keys(config.sources).length;
  const examined: Examined[] = [
    {
      what: 'config',
      state: 'works',
      told: named === 0 ? 'no source is named' : counted(named, 'source'),
      todo:
        named === 0 ? 'bursar init writes a first bursar.yaml; without one, name bills with --bills' : null,
    },
  ];
  progress.step('lake and ledger');
  const held = await auditor.lake.sources();
  examined.push({
    what: 'lake',
    state: 'works',
    told: held.map(({ sourceId, asOf }) => `${sourceId} to ${asOf ?? 'no date'}`).join('; ') || 'no bill yet',
    todo: held.length === 0 ? 'bursar audit --bills PATH, or --aws' : null,
  });
  for (const { sourceId, periods, engine, reason } of await auditor.lake.engines())
    examined.push({
      what: [`engine:${sourceId}`, ...(periods ?? [])].join(' '),
      state: engine === null ? 'fails' : 'works',
      told: `${engine ?? 'not asked'}: ${reason}`,
      todo: engine === null ? 'Set lake.engine to auto, or collect the bill.' : null,
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
  examined.push(...(await examineBills(auditor.sources, auditor.lake, now, progress)));
  progress.step('estate');
  examined.push(...(await estates(auditor, config, now)));
  examined.push(...(await examineAddresses(config.estate.stores)));
  examined.push(...(await examineActLogins(config.estate.stores)));
  examined.push(...(await examineNetworks(config)));
  progress.step('guardrails');
  examined.push(
    ...(await examineGuardrails(auditor.ledger, auditor.lake, config, now).catch((error: unknown) => [
      failure('guardrails', error),
    ])),
    ...(await examineBudgets(auditor, now).catch((error: unknown) => [failure('budgets', error)])),
  );
  progress.step('secrets');
  examined.push(...(await examineSecrets(config)));
  progress.step('Slack');
  examined.push(await examineSlack(config).catch((error: unknown) => failure('slack', error)));
  return examined;
}

function needed(permissions: readonly { action: string }[]): string | null {
  return permissions.length === 0 ? null : `Needs ${needs(permissions)}.`;
}

/** An error's text begins with where it happened, which is named already. */
function withoutScope(text: string, scope: string): string {
  return text.startsWith(`${scope}: `) ? text.slice(scope.length + 2) : text;
}

/** Lists scopes, then reads one of each part with the calls that an audit makes. */
async function estates(
  auditor: Assembled['auditor'],
  { estate: { stores } }: Assembled['config'],
  now: Date,
): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const estate of auditor.estates) {
    try {
      const { tasks, reports } = await plan({ ...auditor, sources: [], estates: [estate] }, 'doctor', now);
      for (const { scope, status, reason } of reports.flatMap(({ coverage }) => coverage))
        found.push({
          what: scope,
          // What cannot be looked at by anyone, like a closed account, lacks no right.
          ...(status === 'not-covered'
            ? { state: 'not tried' as const, todo: null }
            : { state: 'fails' as const, todo: needed(estate.permissions) }),
          told: withoutScope(reason ?? '', scope),
        });
      for (const task of tasks) {
        if (task.kind !== 'estate') continue;
        const made = auditor.creators === true ? [] : undefined;
        const snapshot = await estate.collect(task.scope, now, new Meter(), undefined, made);
        found.push(...inactiveKeys(snapshot, auditor.checks['untagged']));
        const read = isReadBesidesDocuments(snapshot);
        if (read) found.push(...examineDocuments(stores, snapshot));
        for (const { scope, status, reason } of snapshot.coverage)
          found.push({
            what: scope,
            ...(read || status === 'complete'
              ? { state: 'works' as const, todo: null }
              : { state: 'fails' as const, todo: needed(estate.permissions) }),
            told:
              read && status !== 'complete'
                ? 'read completely but for documents'
                : withoutScope(reason ?? 'read completely', scope),
          });
      }
    } catch (error) {
      found.push(failure('estate', error));
    }
  }
  return found;
}
