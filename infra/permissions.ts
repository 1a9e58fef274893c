import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../lib/platform/permissions.ts';
import { allows, inAccount, type Named } from '../lib/run/assemble/policy-statements.ts';

/** IAM statements for what adapters declared, in this stack's account and region. */
export function statements(permissions: readonly Permission[], arn: Named = ownArn): PolicyStatement[] {
  return allows(permissions, arn).map((statement) => PolicyStatement.fromJson(statement));
}

/**
 * Fills in what an adapter cannot know: the partition, the account of what lies in a region, and the region where it
 * was left open. Roles of other accounts lie in no region, and stay those of every account.
 */
export function ownArn(declared: string): string {
  const own = /^arn:(?:aws|\*):([^:]*):([^:]+):\*:(.*)$/.exec(declared);
  if (own === null) return partitioned(declared);
  const [, service, region, resource] = own;
  return ['arn', Aws.PARTITION, service, region === '*' ? Aws.REGION : region, Aws.ACCOUNT_ID, resource].join(
    ':',
  );
}

/** The account stays as it was declared. */
const partitioned = inAccount({ partition: Aws.PARTITION, account: '*' });

/** Fills in the partition, and the account where it is left open; every region stays meant. */
export const accountArn: Named = inAccount({ partition: Aws.PARTITION, account: Aws.ACCOUNT_ID });
