/**
 * no-idle-shutdown: places for interactive work that never turn themselves off.
 *
 * What it means: NONCOMPLIANT is said of a Studio domain that does not shut idle JupyterLab or Code Editor apps down
 * by default, or in which a user profile has it turned off, and of a Workbench instance of Vertex AI whose metadata
 * name no time after which it stops when idle.
 *
 * What it leaves out: domains that are not in service; a domain's default that every user profile of it turns on by
 * itself; an account and region whose domains were not read whole.
 *
 * What it cannot see: lifecycle scripts that shut idle apps down; Studio Classic; that nobody uses the domain. What
 * it would save hangs on how long apps stand idle, so that no saving is told.
 */
import { z } from 'zod';
import { type Json, type Resource, scopeOf } from '../estate/model.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

const APPS = { jupyterLab: 'JupyterLab', codeEditor: 'Code Editor' } as const;
type App = keyof typeof APPS;

export const settings = z.strictObject({
  apps: z
    .array(z.enum(['jupyterLab', 'codeEditor']))
    .min(1)
    .default(['jupyterLab', 'codeEditor'])
    .describe('which kinds of app must shut down when idle'),
});
export type NoIdleShutdownSettings = z.output<typeof settings>;

export const noIdleShutdown: Check<NoIdleShutdownSettings> = {
  id: 'no-idle-shutdown',
  title: 'Notebooks without idle shutdown',
  needs: ['resources'],
  datasets: ['aws.sagemaker.domains', 'gcp.notebooks.instances'],
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge(facts, { apps }) {
    const scopes = new Scopes(facts.coverage);
    return facts.resources.flatMap((domain) => {
      if (domain.type === WORKBENCH) return workbench(domain, facts, scopes);
      if (domain.type !== 'aws:sagemaker:domain' || domain.state !== 'InService') return [];
      if (!scopes.complete(scopeOf(domain))) return [];
      const faults = apps.flatMap((app) => faultOf(domain, app));
      return faults.length === 0
        ? []
        : [
            judgementOf(facts, domain, {
              check: 'no-idle-shutdown',
              verdict: 'NONCOMPLIANT',
              confidence: 'high',
              saves: null,
              evidence: faults.map(({ evidence }) => evidence),
              blindSpots: [
                'A lifecycle script may shut apps down, which no setting tells.',
                'What it would save hangs on how long apps stand idle.',
              ],
              reason: faults.map(({ reason }) => reason).join(' '),
              scopes: [scopeOf(domain)],
            }),
          ];
    });
  },
  wouldChange(_verdict, { apps }) {
    return [
      `IdleSettings with LifecycleManagement ENABLED for ${apps.map((app) => APPS[app]).join(' and ')} in the domain, and in no user profile DISABLED: no finding.`,
    ];
  },
};

const WORKBENCH = 'gcp:notebooks:instance';

/**
 * A Workbench instance that exists writes into its metadata after how many seconds it stops when idle, by default
 * 10800; the key is not there where that is turned off (Vertex AI documentation, "Idle shutdown").
 */
function workbench(instance: Resource, facts: Facts, scopes: Scopes): Judgement[] {
  if (instance.state !== 'ACTIVE' && instance.state !== 'STOPPED') return [];
  if (!scopes.complete(scopeOf(instance)) || instance.attributes['idleTimeoutSeconds'] !== null) return [];
  return [
    judgementOf(facts, instance, {
      check: 'no-idle-shutdown',
      verdict: 'NONCOMPLIANT',
      confidence: 'medium',
      saves: null,
      evidence: [
        {
          name: 'idle shutdown',
          value: 'not set',
          unit: 'idle-timeout-seconds',
          window: '',
          source: 'notebooks.projects.locations.instances.list gceSetup.metadata',
        },
      ],
      blindSpots: [
        'What stops it from inside is not seen.',
        'What it would save hangs on how long it stands idle.',
      ],
      reason: 'Its metadata hold no idle-timeout-seconds: it never stops when idle.',
      scopes: [scopeOf(instance)],
    }),
  ];
}

interface Fault {
  readonly reason: string;
  readonly evidence: Evidence;
}

function faultOf(domain: Resource, app: App): Fault[] {
  const byDefault = managementOf(domain.attributes['idleShutdown'], app);
  const profiles = profilesOf(domain).map(({ name, idleShutdown }) => ({
    name,
    own: managementOf(idleShutdown, app),
  }));
  const without = profiles.filter(({ own }) => (own ?? byDefault) !== 'ENABLED').map(({ name }) => name);
  const evidence: Evidence = {
    name: `idle shutdown of ${APPS[app]}`,
    value: byDefault ?? 'not set',
    unit: `${without.length} of ${profiles.length} user profiles without`,
    window: '',
    source: 'sagemaker:DescribeDomain, DescribeUserProfile',
  };
  if (byDefault !== 'ENABLED')
    return profiles.length > 0 && without.length === 0
      ? []
      : [{ reason: `${APPS[app]} apps of this domain never shut down when idle.`, evidence }];
  return without.length === 0
    ? []
    : [
        {
          reason: `${APPS[app]} apps of ${without.slice(0, 5).join(', ')}${without.length > 5 ? ` and ${without.length - 5} more` : ''} never shut down when idle.`,
          evidence,
        },
      ];
}

/** `ENABLED` or `DISABLED`; null where nothing is set. */
function managementOf(set: Json | undefined, app: App): string | null {
  const own = isObject(set) ? set[app] : null;
  const management = isObject(own) ? own['management'] : null;
  return typeof management === 'string' ? management : null;
}

function profilesOf({ attributes }: Resource): { name: string; idleShutdown: Json | undefined }[] {
  const { profiles } = attributes;
  return Array.isArray(profiles)
    ? profiles.flatMap((profile: Json) =>
        isObject(profile)
          ? [
              {
                name: typeof profile['name'] === 'string' ? profile['name'] : '',
                idleShutdown: profile['idleShutdown'],
              },
            ]
          : [],
      )
    : [];
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
