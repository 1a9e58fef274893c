/**
 * Actions that delete what they act on, and most of them bring it back under undo: that it is gone afterwards is our own doing,
 * never that of others. Apart from the registry, so that an audit does not carry the actions' clients along.
 */
export const DELETING: ReadonlySet<string> = new Set([
  'aws.bedrock.provisioned-throughput-delete',
  'aws.ebs.snapshot-delete-volume',
  'aws.opensearchserverless.scale-down-or-remove',
  'aws.sagemaker.app-delete',
  'aws.sagemaker.endpoint-delete',
  'postgres.pgvector.drop-index',
]);
