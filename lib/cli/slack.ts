import { assembleServe } from '../run/assemble/slack-serve.ts';
import { type CommonOptions, nowOf } from './io.ts';

/** `bursar slack serve`: answers clicks on this machine until it is interrupted. */
export async function slackServe(options: CommonOptions & { port: string }): Promise<void> {
  nowOf(options);
  await using serving = await assembleServe(options, Number(options.port));
  process.stderr.write(
    `Answering Slack on ${serving.url}. Point a tunnel at it, and the app's Request URLs at the tunnel. Ctrl-C ends it.\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
