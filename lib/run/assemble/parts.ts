import type { Config } from '../../config/schema.ts';
import { Meter } from '../../platform/meter.ts';
import type { Source } from '../../sources/model.ts';
import type { Estate } from '../auditor.ts';
import type { Clouds } from './clouds.ts';
import { mostBytesHere, onlyInPlace } from './engines.ts';
import { estatesOf } from './estates.ts';
import { notCollected } from './in-place.ts';
import { sourceOf } from './sources.ts';

export interface Parts {
  readonly sources: readonly Source[];
  readonly estates: readonly Estate[];
}

/**
 * Sources and estate as the config file holds them; the same for the command line and the deployed functions.
 * @param clouds how those that it names are loaded
 */
export async function fromConfig(config: Config, clouds: Clouds): Promise<Parts> {
  let own: Promise<string> | null = null;
  const ownId = () => (own ??= ownAccountId(clouds));
  const sources = await Promise.all(
    Object.entries(config.sources).map(async ([id, source]) =>
      onlyInPlace(config, id)
        ? notCollected(id, source.type, config.lake.engine)
        : await sourceOf(id, source, process.cwd(), ownId, mostBytesHere(config, id)),
    ),
  );
  const { gcp } = config.estate;
  if (gcp !== undefined) {
    // Google's client is as large as all the others: loaded only by those who use it.
    const [{ gcpBilling }, { exportedAccounts }] = await Promise.all([
      import('./gcp-billing.ts'),
      import('./gcp-bigquery.ts'),
    ]);
    sources.push(gcpBilling(gcp.endpoint, exportedAccounts(config.sources)));
  }
  const gcpPrices = async () => (await import('./gcp-billing.ts')).gcpListPrices(gcp?.endpoint);
  return { sources, estates: await estatesOf(config, clouds, gcpPrices) };
}

async function ownAccountId(clouds: Clouds): Promise<string> {
  const { ownAccount } = await clouds.awsScopes();
  return (await ownAccount(undefined, new Meter())).accountId;
}
