import { loadConfig } from '../../config/load.ts';
import { clickAddress } from '../../config/values.ts';
import { type SlackManifest, slackManifest } from '../../notices/manifest.ts';
import { BursarError } from '../../platform/errors.ts';
import { slackScopes, takesClicks } from './slack-scopes.ts';

const HINT =
  'It is the output SlackUrl of the stack, or the https:// address of your tunnel: write it as slack.requestUrl, or give it with --url.';

/**
 * The manifest of the app that a config needs. `url` (else `slack.requestUrl`) is where Slack sends clicks; a config
 * that neither names it nor verifies clicks gets an app that only posts.
 * @throws BursarError 'input' where clicks are verified and nobody said where they go
 */
export async function assembleManifest(
  file: string | null,
  url: string | undefined,
): Promise<{ readonly manifest: SlackManifest; readonly clicks: boolean }> {
  const config = await loadConfig(file, process.cwd());
  const address = url ?? config.slack?.requestUrl ?? null;
  if (address === null && takesClicks(config))
    throw new BursarError('input', 'the app takes clicks, and no address says where Slack sends them', {
      where: 'slack.requestUrl',
      hint: HINT,
    });
  if (address !== null && !clickAddress.safeParse(address).success)
    throw new BursarError('input', `--url ${JSON.stringify(address)} is no address that Slack takes`, {
      hint: HINT,
    });
  const clicks = address !== null;
  return { manifest: slackManifest(slackScopes(config, clicks), address), clicks };
}
