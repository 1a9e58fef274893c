import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';

/** Says at synthesis what works on a laptop and not in a function: the config serves both. */
export function warnOfWhatStaysBehind(scope: Construct, { sources, slack, estate }: Config): void {
  const warn = (id: string, text: string) => Validations.of(scope).addWarning(`Bursar-${id}`, text);
  const secrets = [
    ...(slack === undefined ? [] : [{ where: 'slack.token', reference: slack.token }]),
    ...Object.entries(estate.stores).map(([id, { url }]) => ({
      where: `estate.stores.${id}.url`,
      reference: url,
    })),
  ];
  for (const { where, reference } of secrets)
    if ('env' in reference)
      warn(
        `Secret-${where}`,
        `${where} names the environment variable ${reference.env}, which the deployed functions do not have: ` +
          'put it into AWS Secrets Manager and write { secret: ARN }.',
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
  for (const [id, { network }] of Object.entries(estate.stores))
    if (network !== undefined)
      warn(
        `Network-${id}`,
        `estate.stores.${id}.network is not used yet: the functions run outside of any VPC and do not reach it.`,
      );
}
