import type { Known } from '../notices/model.ts';

/** The demo's workspace: nothing of it exists outside this process. */
export const TEAM = 'T0ACME';
export const APP_ID = 'A0BURSAR';
export const CHANNEL = 'C0FINOPS';

/** Who answers for machines, by the address that their tags name. */
export const PEOPLE: ReadonlyMap<string, Known> = new Map(
  [
    ['research-gpu@acme.example', 'U0RESEARCH', 'Research'],
    ['search@acme.example', 'U0SEARCH', 'Search'],
    ['support-ml@acme.example', 'U0SUPPORT', 'Support'],
    ['platform@acme.example', 'U0PLATFORM', 'Platform'],
  ].map(([address = '', user = '', name = '']) => [
    address,
    { person: { user, team: TEAM }, name, timezone: 'Europe/Berlin' },
  ]),
);

/** The address of a user; the id itself for nobody of ours. */
export function addressOf(user: string): string {
  for (const [address, { person }] of PEOPLE) if (person.user === user) return address;
  return user;
}

/** What somebody does once they see a button on a resource: which, and how long after they first saw it. */
export interface Answer {
  readonly user: string;
  /** Name of the resource as the message shows it. */
  readonly resource: string;
  readonly action: 'acknowledge' | 'keep' | 'undo' | 'claim';
  /** Of a menu. */
  readonly choice: string | null;
  readonly minutes: number;
}

/**
 * How the people of the company answer. Silence is an answer, too: of ablation-old and search-embed-2 nobody says
 * a word, and nobody claims lost-experiment.
 */
export const ANSWERS: readonly Answer[] = [
  { user: 'U0RESEARCH', resource: 'notebook-keep', action: 'acknowledge', choice: null, minutes: 5 * 60 + 5 },
  { user: 'U0SEARCH', resource: 'search-embed-2', action: 'undo', choice: null, minutes: 24 * 60 + 57 },
  { user: 'U0RESEARCH', resource: 'ablation-new', action: 'keep', choice: '7', minutes: 167 * 60 + 5 },
];
