/** Tags as the API gives them, parted into the user's own and those that AWS itself sets. */
export interface PartedTags {
  readonly tags: Readonly<Record<string, string>>;
  /** Keys that begin with `aws:`, which is reserved for AWS (Tagging AWS Resources, "Tag naming limits"). */
  readonly systemTags: Readonly<Record<string, string>>;
}

export function partTags(
  list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): PartedTags {
  const pairs = (list ?? []).flatMap(({ Key, Value }) =>
    Key === undefined ? [] : [[Key, Value ?? ''] as const],
  );
  return {
    tags: Object.fromEntries(pairs.filter(([key]) => !key.startsWith('aws:'))),
    systemTags: Object.fromEntries(pairs.filter(([key]) => key.startsWith('aws:'))),
  };
}

/**
 * The tags by which a service marks the instances that it runs, in the order in which to look: what would start
 * an instance again has to be scaled instead, so the service that decides comes before the scaling group under
 * it. EMR: Management Guide, "Tag and categorize Amazon EMR cluster resources". EKS: User Guide, "Organize
 * Amazon EKS resources with tags". AWS ParallelCluster, whose nodes its own daemon starts: User Guide, "AWS
 * ParallelCluster resources and tagging". Batch, ECS and Auto Scaling: the `aws:` keys that each service sets.
 */
const PARENTS: readonly { readonly key: string; readonly type: string }[] = [
  { key: 'aws:elasticmapreduce:job-flow-id', type: 'aws:emr:cluster' },
  { key: 'aws:batch:compute-environment', type: 'aws:batch:compute-environment' },
  { key: 'aws:eks:cluster-name', type: 'aws:eks:cluster' },
  { key: 'eks:cluster-name', type: 'aws:eks:cluster' },
  { key: 'parallelcluster:cluster-name', type: 'aws:parallelcluster:cluster' },
  { key: 'aws:ecs:clusterName', type: 'aws:ecs:cluster' },
  { key: 'aws:autoscaling:groupName', type: 'aws:autoscaling:group' },
];
/** A node that joined a Kubernetes cluster by hand carries the cluster in the key, with the value `owned`. */
const KUBERNETES = 'kubernetes.io/cluster/';

/** What runs an instance, by its tags; null where no tag says so. The id is the name that the tag holds. */
export function parentByTags({ tags, systemTags }: PartedTags): { type: string; id: string } | null {
  const all = { ...tags, ...systemTags };
  for (const { key, type } of PARENTS) {
    const id = all[key];
    if (id !== undefined && id !== '') return { type, id };
  }
  const owned = Object.keys(tags).find((key) => key.startsWith(KUBERNETES) && tags[key] === 'owned');
  return owned === undefined ? null : { type: 'kubernetes:cluster', id: owned.slice(KUBERNETES.length) };
}
