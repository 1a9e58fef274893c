import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { folderStore } from '../../lake/store/folder.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { Progress } from '../../platform/progress.ts';
import { sourceIdOf } from '../../sources/focus-file/source-id.ts';
import type { Source } from '../../sources/model.ts';
import type { Auditor, Estate } from '../auditor.ts';
import { attributed, snapshotsIn } from './account-tags.ts';
import { whenAsked } from './clouds.ts';
import { configured } from './config.ts';
import { lakeEngines } from './engines.ts';
import { openLocal } from './local.ts';
import { fromConfig, type Parts } from './parts.ts';
import type { SlackOut } from './slack.ts';
import { fileSource } from './sources.ts';
import { unitsOf } from './units.ts';

/** What the command line named. */
export interface Named {
  readonly config?: string;
  readonly state: string;
  readonly bills?: readonly string[];
  readonly aws?: boolean;
  readonly regions?: readonly string[];
  readonly gcp?: readonly string[];
}

export interface Assembled extends AsyncDisposable {
  readonly auditor: Auditor;
  readonly config: Config;
  /** Did the line name sources or scopes? Then these alone are meant; else config and state. */
  readonly named: boolean;
  /** The Slack of the config; throws where it has none. */
  /** @param channel another than that of the digest */
  slack(channel?: string): Promise<SlackOut>;
}

/** Builds the auditor of one command: embedded lake and ledger under `--state`, sources and estates as named. */
export async function assembleCli(named: Named, _now: Date, progress: Progress): Promise<Assembled> {
  const config = await attributed(
    await loadConfig(named.config ?? null, process.cwd()),
    () => snapshotsIn(folderStore(join(resolve(named.state), 'lake'))),
    progress,
  );
  if (named.regions !== undefined && !named.aws && config.estate.aws === undefined)
    throw new BursarError('input', '--regions without --aws', {
      hint: 'Add --aws, or name the regions in the config.',
    });
  const isNamed = named.bills !== undefined || named.aws === true || named.gcp !== undefined;
  const { sources, estates } = isNamed ? await fromLine(named, config) : await fromConfig(config, whenAsked);
  const parts = configured(config, progress);
  const { lake, ledger } = await openLocal(
    resolve(named.state),
    config.dimensions,
    config.ai.rules,
    await lakeEngines(config, parts.asking),
  );
  return {
    auditor: {
      ...parts,
      lake,
      ledger,
      sources,
      estates,
      units: (of) => unitsOf(config, lake, of, process.cwd()),
    },
    config,
    named: isNamed,
    slack: async (channel) => (await import('./slack.ts')).slackOut(config, ledger, channel),
    async [Symbol.asyncDispose]() {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    },
  };
}

/** What the line names, and nothing else. Settings of the config (roles, endpoints) still hold. */
async function fromLine({ bills = [], aws, regions, gcp = [] }: Named, config: Config): Promise<Parts> {
  const sources: Source[] = [];
  const estates: Estate[] = [];
  await Promise.all(bills.map(mustExist));
  for (const path of new Set(bills)) sources.push(fileSource(sourceIdOf(path), [path], process.cwd()));
  if (aws === true) {
    const [{ ownAccount }, { ambientCostExplorer, awsEstate }] = await Promise.all([
      import('./aws-scopes.ts'),
      import('./aws.ts'),
    ]);
    const { accountId } = await ownAccount(undefined, new Meter());
    sources.push(ambientCostExplorer(`aws-cost-explorer-${accountId}`, accountId));
    estates.push(
      awsEstate({
        accounts: 'own',
        regions: regions ?? 'enabled',
        assume: null,
        listPrices: true,
        advice: config.estate.aws?.advice,
      }),
    );
  }
  if (gcp.length > 0) {
    const [{ gcpBilling, gcpListPrices }, { gcpEstate }] = await Promise.all([
      import('./gcp-billing.ts'),
      import('./gcp.ts'),
    ]);
    const { endpoint, advice } = config.estate.gcp ?? {};
    sources.push(gcpBilling(endpoint));
    // What files tell of resources is seen only when they are read: then nothing is asked.
    const prices = bills.length === 0 ? async () => gcpListPrices(endpoint) : undefined;
    estates.push(gcpEstate({ projects: gcp, endpoint, prices, advice }));
  }
  return { sources, estates };
}

/** A path without a pattern that is not there is told before anything is read. */
async function mustExist(path: string): Promise<void> {
  if (path.startsWith('s3://') || /[*?[\]{}]/.test(path)) return;
  try {
    await access(path);
  } catch (cause) {
    throw new BursarError('input', 'there is no such file or folder', {
      where: path,
      hint: 'Give --bills FOCUS files, folders, globs in quotes, or s3://bucket/prefix.',
      cause,
    });
  }
}
