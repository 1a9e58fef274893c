import type { Config } from '../lib/config/schema.ts';
import { BursarError } from '../lib/platform/errors.ts';
import { takesClicks } from '../lib/run/assemble/slack-scopes.ts';

/**
 * Regions whose functions have no URL (AWS Lambda Developer Guide, "Creating and managing Lambda function URLs"; of
 * China "AWS Lambda, Feature Availability and Implementation Differences"; read in November 2026).
 */
const WITHOUT_FUNCTION_URL =
  /^(ap-east-2|ap-south-2|ap-southeast-[4567]|ca-west-1|eu-central-2|eu-south-2|il-central-1|me-central-1|cn-.*)$/;

/** What cannot be deployed is refused before anything is. */
export function refuseWhatCannotBe(config: Config): void {
  refuseHalfASlack(config);
  refuseOtherRegions(config);
}

/** Clicks are verified by secret, workspace and app; with the first alone the function would only fail. */
function refuseHalfASlack({ slack, policies }: Config): void {
  if (slack === undefined) return;
  const told = policies.some(({ mode }) => mode === 'warn' || mode === 'stop');
  const clicks = takesClicks({ slack });
  const missing = [
    ...((clicks || told) && slack.teamId === undefined ? ['slack.teamId'] : []),
    ...(clicks && slack.appId === undefined ? ['slack.appId'] : []),
  ];
  if (missing.length > 0)
    throw new BursarError('config', `${missing.join(' and ')} must be set to warn people and take clicks`, {
      where: 'slack',
      hint: 'The page "Basic Information" of the app names the App ID; the id of a workspace begins with T.',
    });
}

/** Known only where the config names the region. */
function refuseOtherRegions({ deploy, slack }: Config): void {
  const { region, kmsKeyArn, slackEndpoint } = deploy;
  if (region === undefined) return;
  const keyRegion = kmsKeyArn?.split(':')[3];
  if (keyRegion !== undefined && keyRegion !== region)
    throw new BursarError(
      'config',
      `the key is in ${keyRegion}, and encrypts nothing of a stack in ${region}`,
      {
        where: 'deploy.kmsKeyArn',
        hint: 'Name a key of the same region.',
      },
    );
  if (slackEndpoint === 'function-url' && takesClicks({ slack }) && WITHOUT_FUNCTION_URL.test(region))
    throw new BursarError('config', `functions have no URL in ${region}`, {
      where: 'deploy.slackEndpoint',
      hint: 'Write deploy: { slackEndpoint: http-api }.',
    });
}
