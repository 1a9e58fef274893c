import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { requiredKeys } from '../lib/checks/tagging.ts';
import type { Config } from '../lib/config/schema.ts';
import { keysNamed } from '../lib/run/assemble/config.ts';
import { takesClicks } from '../lib/run/assemble/slack-scopes.ts';
import { storeSecrets } from '../lib/run/assemble/store-permissions.ts';
import { localUnitFiles } from '../lib/run/assemble/unit-numbers.ts';
import { googleSetup } from '../lib/run/roles/google.ts';
import { STOOD_IN_FOR, standIns } from './stand-ins.ts';

/** Says at synthesis what works on a laptop and not in a function: the config serves both. */
export function warnOfWhatStaysBehind(scope: Construct, config: Config): void {
  const { sources, slack, estate, policies } = config;
  const password = config.lake.trino?.password;
  const warn = (id: string, text: string) => Validations.of(scope).addWarning(`Bursar-${id}`, text);
  const secrets = [
    ...(['token', 'signingSecret', 'formerSigningSecret'] as const).flatMap((name) => {
      const reference = slack?.[name];
      return reference === undefined ? [] : [{ where: `slack.${name}`, reference }];
    }),
    ...Object.entries(estate.stores).flatMap(([id, store]) =>
      storeSecrets(store).map(({ key, reference }) => ({ where: `estate.stores.${id}.${key}`, reference })),
    ),
    ...Object.entries(sources).flatMap(([id, source]) =>
      'key' in source ? [{ where: `sources.${id}.key`, reference: source.key }] : [],
    ),
    ...(password === undefined ? [] : [{ where: 'lake.trino.password', reference: password }]),
  ];
  const standing = standIns();
  for (const [name, meant] of Object.entries(STOOD_IN_FOR)) {
    const address = standing[name];
    if (address !== undefined)
      warn(
        `StandIn-${name}`,
        `${name} is set in your environment: the deployed functions ask ${address}, and never ${meant}. ` +
          'Unset it, unless you deploy to a local cloud.',
      );
  }
  for (const { where, reference } of secrets)
    if ('env' in reference)
      warn(
        `Secret-${where}`,
        `${where} names the environment variable ${reference.env}, which the deployed functions do not have: ` +
          'put it into AWS Secrets Manager and write { secret: ARN }.',
      );
  if (policies.some(({ mode }) => mode === 'warn' || mode === 'stop') && !takesClicks(config))
    warn(
      'Clicks',
      slack === undefined
        ? 'policies say warn or stop, but no Slack is configured: nobody is warned, and so nothing is stopped.'
        : 'slack.signingSecret is not set: nobody can answer a warning in Slack.',
    );
  if (config.deploy.google === undefined && googleSetup(config) !== null)
    warn(
      'Google',
      'the config asks Google Cloud, and the deployed functions have no credentials there: ' +
        '`bursar roles --format gcloud` prints what lets them in without any key; then set deploy.google.',
    );
  for (const [id, source] of Object.entries(sources)) {
    if (source.type !== 'focus-file') continue;
    const local = [source.path].flat().filter((path) => !path.startsWith('s3://'));
    if (local.length > 0)
      warn(
        `Source-${id}`,
        `sources.${id} reads ${local.join(', ')}, which the deployed functions do not have: ` +
          'put the files into a bucket and write s3://bucket/prefix.',
      );
  }
  for (const { where, path } of localUnitFiles(config))
    warn(
      `Unit-${where}`,
      `${where} reads ${path}, which the deployed functions do not have: put it into a bucket and write s3://bucket/key.`,
    );
  for (const [id, { type }] of Object.entries(estate.stores))
    if (type === 'lancedb')
      warn(
        `LanceDB-${id}`,
        `estate.stores.${id} is a database of LanceDB, whose native library of 195 MB no function can carry: ` +
          'the deployed audit says that it was not looked at. Look at it from a machine of your own.',
      );
  warnOfOwnTags(config, warn);
  warnOfOtherRegions(config, Stack.of(scope).region, warn);
  warnOfGovCloud(config, Stack.of(scope).region, warn);
  for (const [id, { documents }] of Object.entries(estate.stores))
    for (const [at, { source }] of documents.entries())
      if (source?.type === 'manifest' && !source.path.startsWith('s3://'))
        warn(
          `Documents-${id}-${at}`,
          `estate.stores.${id}.documents[${at}] reads ${source.path}, which the deployed functions do not have: ` +
            'put it into a bucket and write s3://bucket/key.',
        );
}

/** Its own resources would be the first findings of its own checks. */
function warnOfOwnTags(
  { deploy, checks, ...config }: Config,
  warn: (id: string, text: string) => void,
): void {
  const keys = requiredKeys({ ...checks.untagged, defaultRequired: keysNamed(config) });
  const missing = keys.filter((key) => !Object.hasOwn(deploy.tags, key));
  if (missing.length > 0)
    warn(
      'Tags',
      `deploy.tags lacks ${missing.join(', ')}, which checks.untagged asks of every resource: ` +
        'what this stack holds will be a finding.',
    );
  for (const [key, value] of Object.entries(deploy.tags)) {
    const allowed = checks['tag-policy'].allowed[key];
    if (allowed !== undefined && !allowed.includes(value))
      warn(
        `Tag-${key}`,
        `deploy.tags.${key} is ${value}, and checks.tag-policy allows ${allowed.join(', ')}.`,
      );
  }
}

/** Reading from elsewhere works and is paid for (Amazon S3 pricing, "Data transfer OUT from Amazon S3"). */
function warnOfOtherRegions(
  { sources }: Config,
  here: string,
  warn: (id: string, text: string) => void,
): void {
  // Only the deployment knows.
  if (Token.isUnresolved(here)) return;
  for (const [id, source] of Object.entries(sources)) {
    const region = 'bucket' in source && 'region' in source ? source.region : undefined;
    if (region !== undefined && region !== here)
      warn(
        `Region-${id}`,
        `sources.${id} lies in ${region} and Bursar in ${here}: AWS charges for what is read between regions.`,
      );
  }
}

/**
 * "All AWS GovCloud (US) activity, usage, and payments are managed through a standard AWS account", and its own console and
 * API tell none (AWS GovCloud (US) User Guide, "AWS GovCloud (US) Billing and Payment").
 */
function warnOfGovCloud({ sources }: Config, region: string, warn: (id: string, text: string) => void): void {
  if (!region.startsWith('us-gov-')) return;
  const asked = Object.entries(sources).flatMap(([id, { type }]) =>
    type === 'aws-cost-explorer' ? [id] : [],
  );
  if (asked.length > 0)
    warn(
      'GovCloud',
      `${asked.map((id) => `sources.${id}`).join(', ')}: AWS GovCloud has no Cost Explorer, and its bill is that of the standard ` +
        "account it belongs to. Copy that account's export into a bucket of GovCloud and name it: { type: aws-focus-export }.",
    );
}
