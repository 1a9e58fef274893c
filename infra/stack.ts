import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { Deployment } from './deployment.ts';

export interface BursarStackProps extends StackProps {
  readonly config: Config;
}

/** A stack of its own for Bursar, as `cdk deploy` makes it. */
export class BursarStack extends Stack {
  readonly deployment: Deployment;

  constructor(scope: Construct, id: string, { config, ...props }: BursarStackProps) {
    super(scope, id, { description: 'Bursar: a scheduled auditor of cloud and AI bills', ...props });
    // The CDK leaves this id out of every name: what is deployed keeps those that it has.
    this.deployment = new Deployment(this, 'Default', config);
  }
}
