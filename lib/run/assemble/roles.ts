import { loadConfig } from '../../config/load.ts';
import { defaultDeployedConfig } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import { diffText, lineOf, rightsDiff } from '../roles/diff.ts';
import { googleSetup } from '../roles/google.ts';
import { googleCommands } from '../roles/google-gcloud.ts';
import { googleTerraform } from '../roles/google-terraform.ts';
import { memberTemplate } from '../roles/member-cloudformation.ts';
import { memberTerraform } from '../roles/member-terraform.ts';
import { deniesOf, rightsOf } from '../roles/rights.ts';
import { memberRoles } from './member-permissions.ts';

export const ROLE_FORMATS = [
  'text',
  'json',
  'cloudformation',
  'terraform',
  'gcloud',
  'google-terraform',
] as const;
export type RoleFormat = (typeof ROLE_FORMATS)[number];

/**
 * What a deployment of this config may do, or what somebody else has to set up for it. Asks no cloud.
 * @param other a config to compare with: what deploying it instead would change
 * @throws BursarError 'config' where the config uses no such cloud, 'input' where the format tells no differences
 */
export async function assembleRoles(
  file: string | null,
  other: string | undefined,
  format: RoleFormat,
): Promise<string> {
  const config = await loadConfig(file, process.cwd(), defaultDeployedConfig);
  if (other !== undefined) {
    if (format !== 'text' && format !== 'json')
      throw new BursarError('input', `--diff is told as text or json, not as ${format}`, {
        hint: 'Leave out --format.',
      });
    const diff = rightsDiff(config, await loadConfig(other, process.cwd(), defaultDeployedConfig));
    return format === 'json' ? JSON.stringify(diff, null, 2) : diffText(diff);
  }
  switch (format) {
    case 'text':
      return [...rightsOf(config).map(lineOf), ...deniesOf(config).map((line) => `never: ${line}`)].join(
        '\n',
      );
    case 'json':
      return JSON.stringify({ rights: rightsOf(config), never: deniesOf(config) }, null, 2);
    case 'cloudformation':
    case 'terraform': {
      const roles = memberRoles(config);
      if (roles.length === 0)
        throw new BursarError('config', 'the config looks at no AWS account, so no account needs a role', {
          where: 'estate.aws',
        });
      return format === 'terraform' ? memberTerraform(roles) : memberTemplate(roles);
    }
    case 'gcloud':
    case 'google-terraform': {
      const setup = googleSetup(config);
      if (setup === null)
        throw new BursarError('config', 'the config asks nothing of Google Cloud', {
          where: 'estate.gcp',
          hint: 'Name projects in estate.gcp.projects, or a source of type gcp-bigquery.',
        });
      return format === 'gcloud' ? googleCommands(setup) : googleTerraform(setup);
    }
  }
}
