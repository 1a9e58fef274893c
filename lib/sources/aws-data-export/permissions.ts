import type { Permission } from '../../platform/permissions.ts';

/** Where an export lies. */
export interface ExportPlace {
  readonly bucket: string;
  readonly prefix: string;
  /** Key that its objects are encrypted with, where it is the payer's own. */
  readonly kmsKeyArn?: string | undefined;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition?: string | undefined;
}

/** What reading an export needs, and nothing beside its folder. */
export function dataExportPermissions({
  bucket,
  prefix,
  kmsKeyArn,
  partition = 'aws',
}: ExportPlace): Permission[] {
  const trimmed = prefix.replace(/\/+$/, '');
  const arn = `arn:${partition}:s3:::${bucket}`;
  return [
    {
      cloud: 'aws',
      action: 's3:ListBucket',
      resources: [arn],
      why: 'finds the manifests of a data export',
    },
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: [trimmed === '' ? `${arn}/*` : `${arn}/${trimmed}/*`],
      why: 'reads the manifests of a data export and the files that they name',
    },
    ...(kmsKeyArn === undefined
      ? []
      : [
          {
            cloud: 'aws',
            action: 'kms:Decrypt',
            resources: [kmsKeyArn],
            why: 'reads a data export that is encrypted with this key',
          } as const,
        ]),
  ];
}
