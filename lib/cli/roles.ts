import { assembleRoles, type RoleFormat } from '../run/assemble/roles.ts';
import { type CommonOptions, print } from './io.ts';

export interface RolesOptions extends CommonOptions {
  readonly format: RoleFormat;
  readonly diff?: string;
}

/** `bursar roles`: what a deployment may do, what another config would change of it, and the roles it needs elsewhere. */
export async function rolesCommand(options: RolesOptions): Promise<void> {
  await print(await assembleRoles(options.config ?? null, options.diff, options.format), options);
}
