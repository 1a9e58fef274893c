import { s3Archive } from '../../platform/archive.ts';
import { noteDigest } from '../digest-due.ts';
import { type Published, publish } from '../publish.ts';
import { s3Client } from './aws-base.ts';
import { invocation, once, openDeployed, setting } from './deployed.ts';
import { deployedReader } from './deployed-lake.ts';
import { digestChannel, digestNamed } from './digests.ts';
import { DIGEST } from './names.ts';
import { slackOut } from './slack.ts';
import { takesClicks } from './slack-scopes.ts';

export interface Publisher {
  /** @param id of a digest of the config; left out, the main one */
  run(id?: string): Promise<Published>;
}

/** Writes and posts the digest on a schedule; without Slack in the config it only keeps the report. */
export const assembleDigest = once(async (): Promise<Publisher> => {
  const deployed = await openDeployed('digest');
  const { config, ledger } = deployed;
  const { auditor, forget } = await deployedReader(deployed);
  const archive = s3Archive(s3Client(undefined), setting('BURSAR_BUCKET'), setting('BURSAR_REPORTS'));
  return {
    run: (id = DIGEST) =>
      invocation(
        deployed,
        'published',
        async (now) => {
          forget();
          const { audience, period, channel: named } = digestNamed(config, id);
          const channel = config.slack === undefined ? undefined : digestChannel(config, audience, named);
          // The token is read for each digest, so that a rotated one holds at once.
          const slack =
            config.slack === undefined
              ? null
              : async () => ({
                  ...(await slackOut(config, ledger, channel)),
                  clicks: takesClicks(config),
                });
          const published = await publish(auditor, period, archive, slack, now, audience);
          if (published.posted !== 'no audit yet') await noteDigest(ledger, id, now);
          return published;
        },
        ({ posted }) => ({ published: posted === 'posted' || posted === 'no Slack configured' ? 1 : 0 }),
      ),
  };
});
