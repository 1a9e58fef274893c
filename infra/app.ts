import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { loadConfig } from '../lib/config/load.ts';
import { BursarStack } from './stack.ts';

/** `cdk synth|deploy [-c config=FILE]`: the same file as the command line reads; a wrong one fails here. */
const app = new App();
const named: unknown = app.node.tryGetContext('config');
const config = await loadConfig(
  typeof named === 'string' ? named : null,
  process.env.INIT_CWD ?? process.cwd(),
);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new BursarStack(app, 'Bursar', {
  config,
  workDir: join(import.meta.dirname, '../node_modules/.cache/bursar/synth'),
  env: {
    ...(config.deploy.region === undefined ? {} : { region: config.deploy.region }),
    ...(process.env.CDK_DEFAULT_ACCOUNT === undefined ? {} : { account: process.env.CDK_DEFAULT_ACCOUNT }),
  },
});
app.synth();
