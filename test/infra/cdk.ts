import { delimiter, dirname, join } from 'node:path';
import { run } from '../counterparts/install.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** The region and account of MiniStack. */
export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/** What MiniStack's functions are to be built for: they run as processes of this machine. */
export const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** Environment of whoever speaks to the local cloud at `endpoint`, and of nothing else. */
export function localCloud(endpoint: string): NodeJS.ProcessEnv {
  const { HOME, TMPDIR, XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env;
  return {
    HOME,
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }),
    PATH: [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(
      delimiter,
    ),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // Its templates are looked at by CloudFormation's rules elsewhere.
    CDK_VALIDATION: 'false',
  };
}

/**
 * Runs the real CDK command line; its output is in the error where it fails.
 * @param cwd where no app of its own is wanted, another folder than this checkout
 */
export async function cdk(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = ROOT,
): Promise<string> {
  return await run(join(ROOT, 'node_modules/.bin/cdk'), [...args, '--ci', '--no-notices'], { cwd, env });
}
