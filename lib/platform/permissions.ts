/**
 * One right that an adapter needs. Every dataset, source, engine, store and action declares its own; infra/
 * builds the roles from these declarations and grants nothing else.
 */
export interface Permission {
  readonly cloud: 'aws' | 'gcp' | 'slack';
  /** The provider's own name of it: `ec2:DescribeInstances`, `compute.instances.list`, `chat:write`. */
  readonly action: string;
  /** ARN patterns; left out where the API has no resource level (then `*`). */
  readonly resources?: readonly string[];
  /** One clause for the admin who reads the role: "lists instances and their accelerators". */
  readonly why: string;
  /** What the provider charges for a call of it, `0.01 USD per 1,000 metrics`; left out: nothing. */
  readonly price?: string;
}
