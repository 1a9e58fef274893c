import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { inPlacePermissions } from '../../lake/engine/athena-permissions.ts';
import { BursarError } from '../../platform/errors.ts';
import { costExplorerPermissions } from '../../sources/aws-cost-explorer/source.ts';
import { dataExportPermissions } from '../../sources/aws-data-export/permissions.ts';
import type { SourceAccess } from '../source-access.ts';
import { exportPlace } from './engines.ts';

/** What the owner of a bill must allow, by the config; throws where the source needs nothing of AWS. */
export async function assembleSourceAccess(file: string | null, sourceId: string): Promise<SourceAccess> {
  return sourceAccess(await loadConfig(file, process.cwd()), sourceId);
}

export function sourceAccess(config: Config, sourceId: string): SourceAccess {
  const source = Object.hasOwn(config.sources, sourceId) ? config.sources[sourceId] : undefined;
  if (source === undefined)
    throw new BursarError('input', `the config names no source ${sourceId}`, {
      hint: `It names ${Object.keys(config.sources).join(', ') || 'none'}.`,
    });
  const common = {
    sourceId,
    bursarAccount: config.deploy.account ?? null,
    organisationId: config.estate.aws?.organisationId ?? null,
  };
  switch (source.type) {
    case 'aws-focus-export':
    case 'aws-cur':
      return {
        ...common,
        permissions: dataExportPermissions(exportPlace(source)),
        roleArn: source.roleArn ?? null,
        owner: source.account ?? null,
        externalId: source.externalId ?? null,
        place: { bucket: source.bucket, prefix: source.prefix },
        inPlace: Object.hasOwn(config.lake.athena?.tables ?? {}, sourceId)
          ? inPlacePermissions(exportPlace(source))
          : [],
      };
    case 'aws-cost-explorer':
      return {
        ...common,
        permissions: costExplorerPermissions(source),
        roleArn: source.roleArn ?? null,
        owner: source.account ?? null,
        externalId: null,
        place: null,
        inPlace: [],
      };
    case 'gcp-bigquery':
    case 'openai':
    case 'anthropic':
    case 'focus-file':
      throw new BursarError(
        'input',
        `a source of type ${source.type} needs nothing that a payer in AWS allows`,
        {
          where: `sources.${sourceId}`,
          hint: 'docs/sources.md says what each kind of source needs.',
        },
      );
  }
}
