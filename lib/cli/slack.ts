import { loadConfig } from '../config/load.ts';
import { checkSlack } from '../run/assemble/check-slack.ts';
import { assembleManifest } from '../run/assemble/slack-manifest.ts';
import { assembleServe } from '../run/assemble/slack-serve.ts';
import { printExamined } from './doctor.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { isQuiet } from './manners.ts';

/** `bursar slack serve`: answers clicks on this machine until it is interrupted. */
export async function slackServe(options: CommonOptions & { port: string }): Promise<void> {
  nowOf(options);
  await using serving = await assembleServe(options, Number(options.port));
  if (!isQuiet())
    process.stderr.write(
      `Answering Slack on ${serving.url}. Point a tunnel at it, and the app's Request URLs at the tunnel. Ctrl-C ends it.\n`,
    );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

/** `bursar slack manifest`: what Slack makes the app from. */
export async function slackManifest(options: CommonOptions & { url?: string }): Promise<void> {
  const { manifest, clicks } = await assembleManifest(options.config ?? null, options.url);
  if (!clicks)
    terminalProgress().warn(
      'This app only posts: to have buttons and /bursar, say where Slack sends clicks (slack.requestUrl, or --url).',
    );
  await print(JSON.stringify(manifest, null, 2), options);
}

/** `bursar slack check`: what is missing on Slack's side; exit 4 where something is. */
export async function slackCheck(options: CommonOptions): Promise<void> {
  const config = await loadConfig(options.config ?? null, process.cwd());
  const progress = terminalProgress();
  const examined = await checkSlack(config, progress);
  progress.done();
  await printExamined(examined, options);
}
