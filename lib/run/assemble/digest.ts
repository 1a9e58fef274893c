import { s3Archive } from '../../platform/archive.ts';
import { type Published, publish } from '../publish.ts';
import { invocation, once, openDeployed, setting } from './deployed.ts';
import { deployedAuditor } from './deployed-lake.ts';
import { slackOut } from './slack.ts';
import { s3Client } from './sources.ts';

export interface Publisher {
  run(): Promise<Published>;
}

/** Writes and posts the digest on a schedule; without Slack in the config it only keeps the report. */
export const assembleDigest = once(async (): Promise<Publisher> => {
  const deployed = await openDeployed('digest');
  const { config, ledger, log } = deployed;
  const auditor = await deployedAuditor(deployed);
  const archive = s3Archive(s3Client(undefined), setting('BURSAR_BUCKET'), setting('BURSAR_REPORTS'));
  return {
    run: () =>
      invocation(log, 'published', async (now) => {
        // The token is read for each digest, so that a rotated one holds at once.
        const slack = config.slack === undefined ? null : await slackOut(config, ledger);
        return publish(auditor, config.digest.period, archive, slack, now);
      }),
  };
});
