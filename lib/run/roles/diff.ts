import type { Config } from '../../config/schema.ts';
import { memberRoles } from '../assemble/member-permissions.ts';
import { deniesOf, keyOf, type Right, rightsOf } from './rights.ts';

/** What another config grants, and no longer grants. */
export interface RightsDiff {
  readonly granted: readonly Right[];
  readonly withdrawn: readonly Right[];
  /** Roles of member accounts that come and go, with who enters them and on which condition. */
  readonly roles: { readonly granted: readonly string[]; readonly withdrawn: readonly string[] };
  /** Explicit denies that come and go. */
  readonly denies: { readonly granted: readonly string[]; readonly withdrawn: readonly string[] };
}

/** What deploying `to` where `from` is deployed changes of what Bursar may do. */
export function rightsDiff(from: Config, to: Config): RightsDiff {
  const before = rightsOf(from);
  const after = rightsOf(to);
  return {
    granted: without(after, before),
    withdrawn: without(before, after),
    roles: compared(from, to, entered),
    denies: compared(from, to, deniesOf),
  };
}

export function diffText({ granted, withdrawn, roles, denies }: RightsDiff): string {
  const lines = [
    ...roles.withdrawn.map((line) => `- ${line}`),
    ...roles.granted.map((line) => `+ ${line}`),
    ...denies.withdrawn.map((line) => `- never: ${line}`),
    ...denies.granted.map((line) => `+ never: ${line}`),
    ...withdrawn.map((right) => `- ${lineOf(right)}`),
    ...granted.map((right) => `+ ${lineOf(right)}`),
  ];
  if (lines.length === 0) return 'Both configs grant the same.';
  return [...lines, '', `${count(granted, 'granted')}, ${count(withdrawn, 'withdrawn')}.`].join('\n');
}

function count(rights: readonly Right[], word: string): string {
  return `${rights.length} ${rights.length === 1 ? 'right' : 'rights'} ${word}`;
}

export function lineOf({ holder, action, on, why }: Right): string {
  return `${holder}: ${action} on ${on} (${why})`;
}

function without(rights: readonly Right[], others: readonly Right[]): Right[] {
  const known = new Set(others.map(keyOf));
  return rights.filter((right) => !known.has(keyOf(right)));
}

function compared(from: Config, to: Config, told: (config: Config) => readonly string[]) {
  const before = told(from);
  const after = told(to);
  return {
    granted: after.filter((line) => !before.includes(line)),
    withdrawn: before.filter((line) => !after.includes(line)),
  };
}

function entered(config: Config): string[] {
  return memberRoles(config).map(({ roleName, enteredBy, condition }) => {
    const conditions = Object.values(condition).flatMap((keys) =>
      Object.entries(keys).map(([key, value]) => `${key} = ${value}`),
    );
    return [
      `role ${roleName}: entered by ${enteredBy.map((output) => output.replace('RoleArn', '').replace('AiUsage', 'ai-usage').toLowerCase()).join(', ')}`,
      ...(conditions.length === 0 ? [] : [`only with ${conditions.join(' and ')}`]),
    ].join(', ');
  });
}
