import type { Audience } from './model.ts';

/**
 * For whom a digest is, as people write it: `everyone`, `executive`, or a team by its name in the dimension `team`;
 * `team:NAME` where a team is called like one of the two.
 */
export function audienceOf(text: string): Audience {
  const name = text.trim();
  if (name === 'everyone' || name === 'executive') return { kind: name };
  return { kind: 'team', team: name.replace(/^team:/, '') };
}
