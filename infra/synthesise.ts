import { App, type Stack } from 'aws-cdk-lib';
import { loadConfig } from '../lib/config/load.ts';
import { type Config, defaultDeployedConfig } from '../lib/config/schema.ts';
import { BursarError } from '../lib/platform/errors.ts';
import { withRates } from '../lib/run/assemble/conversion.ts';
import { MemberRoles } from './member-roles.ts';
import { BursarStack } from './stack.ts';

/**
 * `cdk synth|deploy [-c config=FILE]`: the same file as the command line reads; a wrong one fails here.
 * `-c member=true`: the roles of one member account instead.
 * @param prepare what is to be done with the app before it has a stack
 */
export async function synthesise(prepare: (app: App) => void = () => undefined): Promise<void> {
  const app = new App();
  const named: unknown = app.node.tryGetContext('config');
  try {
    const path = typeof named === 'string' ? named : null;
    // npm runs its scripts in the project's folder; the path is meant from where the caller stands.
    const cwd = process.env.INIT_CWD ?? process.cwd();
    const config = withRates(await loadConfig(path, cwd, defaultDeployedConfig), cwd);
    prepare(app);
    stackOf(app, config);
    app.synth();
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    process.stderr.write(`bursar: ${error.told}\n`);
    process.exitCode = error.exitCode;
  }
}

function stackOf(app: App, config: Config): Stack {
  const said: unknown = app.node.tryGetContext('member') ?? 'false';
  const member = typeof said === 'string' ? said : JSON.stringify(said);
  if (member !== 'true' && member !== 'false')
    throw new BursarError('input', `-c member=${member} is neither true nor false`, {
      hint: 'Write -c member=true for the roles of one member account, and nothing for the stack.',
    });
  if (member === 'true') return new MemberRoles(app, 'BursarMemberRoles', { config });
  const {
    stackName,
    region = process.env.CDK_DEFAULT_REGION,
    account = process.env.CDK_DEFAULT_ACCOUNT,
  } = config.deploy;
  return new BursarStack(app, 'Bursar', {
    config,
    stackName,
    env: { ...(region === undefined ? {} : { region }), ...(account === undefined ? {} : { account }) },
  });
}
