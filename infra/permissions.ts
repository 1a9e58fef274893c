import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../lib/platform/permissions.ts';
import { allows, inAccount, type Named } from '../lib/run/assemble/policy-statements.ts';

/** IAM statements for what adapters declared, in this stack's account and region. */
export function statements(permissions: readonly Permission[], arn: Named = ownArn): PolicyStatement[] {
  return allows(permissions, arn).map((statement) => PolicyStatement.fromJson(statement));
}

/** Fills in what an adapter cannot know: the partition, and region and account where it left both open. */
export function ownArn(declared: string): string {
  const own = /^arn:(?:aws|\*):([^:]*):\*:\*:(.*)$/.exec(declared);
  if (own === null) return partitioned(declared);
  const [, service, resource] = own;
  return ['arn', Aws.PARTITION, service, Aws.REGION, Aws.ACCOUNT_ID, resource].join(':');
}

/** The account stays as it was declared. */
const partitioned = inAccount({ partition: Aws.PARTITION, account: '*' });

/** Fills in the partition, and the account where it is left open; every region stays meant. */
export const accountArn: Named = inAccount({ partition: Aws.PARTITION, account: Aws.ACCOUNT_ID });
