import { describe, expect, test } from 'vitest';
import { idleNotebook, settings } from '../../lib/checks/idle-notebook.ts';
import { noIdleShutdown, settings as shutdownSettings } from '../../lib/checks/no-idle-shutdown.ts';
import type { Json, Resource } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, HOUR, machine, NOW, REGION, SCOPE } from './facts.ts';

const at = (hoursAgo: number) => new Date(NOW.getTime() - hoursAgo * HOUR).toISOString();
const arn = (rest: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${rest}`;
const partial = (dataset: string) => ({
  coverage: [
    { scope: SCOPE, status: 'partial' as const, reason: 'x', asOf: NOW.toISOString(), incomplete: [dataset] },
  ],
});

const judge = (resource: Resource, given: Parameters<typeof facts>[0] = {}) =>
  idleNotebook.judge(
    facts({ resources: [resource], costs: [cost({ resourceId: resource.id })], ...given }),
    settings.parse({}),
    NOW,
  );

describe('idle-notebook', () => {
  const app = (given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}) =>
    machine({
      type: 'aws:sagemaker:app',
      id: arn('app/d-1/lab/JupyterLab/default'),
      name: 'lab/default',
      state: 'InService',
      created: at(300),
      sku: 'ml.t3.medium',
      accelerators: [],
      dataset: 'aws.sagemaker.apps',
      attributes: {
        lastActivity: at(100),
        lastHealthCheck: at(0.1),
        acceleratorsUnknown: false,
        ...attributes,
      },
      ...given,
    });
  const notebook = (given: Partial<Resource> = {}) =>
    app(
      {
        type: 'aws:sagemaker:notebook-instance',
        id: arn('notebook-instance/n'),
        dataset: 'aws.sagemaker.notebooks',
        ...given,
      },
      { lastActivity: null, lastHealthCheck: null },
    );

  test('an app in which nobody was active is SUSPECTED, never idle, and nothing is saved', () => {
    expect(judge(app())).toMatchObject([
      {
        verdict: 'SUSPECTED',
        confidence: 'medium',
        monthlyCost: { amount: '2816.64' },
        monthlySaving: null,
        reason: 'Nobody was active in it for 4 days.',
        scopes: [`${SCOPE}#aws.sagemaker.apps`],
      },
    ]);
    expect(judge(app({ accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: null }] }))).toMatchObject([
      { verdict: 'SUSPECTED' },
    ]);
  });

  test('where only health checks are known, and of a notebook instance, nothing measures it', () => {
    expect(judge(app({}, { lastActivity: null }))).toMatchObject([
      { verdict: 'UNOBSERVED', reason: expect.stringContaining('only health checks') },
    ]);
    expect(judge(notebook())).toMatchObject([
      { verdict: 'UNOBSERVED', reason: expect.stringContaining('ask the owner') },
    ]);
  });

  test.each<[string, ReturnType<typeof judge>]>([
    ['an app whose user was active', judge(app({}, { lastActivity: at(71) }))],
    ['an app that began lately', judge(app({ created: at(70) }))],
    ['an app that runs on nothing of the user', judge(app({ sku: null }))],
    ['an app that is being deleted', judge(app({ state: 'Deleting' }))],
    ['a notebook that is stopped', judge(notebook({ state: 'Stopped' }))],
    [
      'a GPU of which nothing is known',
      judge(notebook({ accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: null }] })),
    ],
    ['a machine that may have a GPU', judge(app({}, { lastActivity: null, acceleratorsUnknown: true }))],
    ['apps that were not read whole', judge(app(), partial('aws.sagemaker.apps'))],
    ['a scope nobody looked at', judge(app(), { coverage: [] })],
  ])('says nothing of %s', (_, found) => {
    expect(found).toEqual([]);
  });
});

const both = (value: Json): Json => ({ jupyterLab: value, codeEditor: value });

const domain = (idleShutdown: Json, profiles: Json[] = [], given: Partial<Resource> = {}) =>
  machine({
    type: 'aws:sagemaker:domain',
    id: arn('domain/d-1'),
    name: 'research',
    state: 'InService',
    accelerators: [],
    dataset: 'aws.sagemaker.domains',
    attributes: { idleShutdown, profiles },
    ...given,
  });
const shutdown = (resource: Resource, given: Parameters<typeof facts>[0] = {}, apps?: string[]) =>
  noIdleShutdown.judge(
    facts({ resources: [resource], ...given }),
    shutdownSettings.parse(apps === undefined ? {} : { apps }),
    NOW,
  );
const ana = (value: Json): Json => ({ name: 'ana', idleShutdown: both(value) });

describe('no-idle-shutdown', () => {
  const on: Json = { management: 'ENABLED', minutes: 60 };
  const off: Json = { management: 'DISABLED', minutes: null };

  test('a domain that sets none is told, of each kind of app', () => {
    expect(shutdown(domain(both(null)))).toMatchObject([
      {
        verdict: 'NONCOMPLIANT',
        monthlySaving: null,
        reason:
          'JupyterLab apps of this domain never shut down when idle. Code Editor apps of this domain never shut down when idle.',
      },
    ]);
    expect(shutdown(domain({ jupyterLab: on, codeEditor: null }))[0]?.reason).toBe(
      'Code Editor apps of this domain never shut down when idle.',
    );
    expect(shutdown(domain({ jupyterLab: on, codeEditor: null }), {}, ['jupyterLab'])).toEqual([]);
  });

  test('a profile that turns it off is told by name; one that says nothing has the default', () => {
    expect(
      shutdown(domain(both(on), [ana(off), { name: 'bo', idleShutdown: both(null) }]))[0]?.reason,
    ).toContain('JupyterLab apps of ana never shut down when idle.');
    expect(shutdown(domain(both(on), [ana(null)]))).toEqual([]);
  });

  test('a default that every profile turns on by itself is none to complain of', () => {
    expect(shutdown(domain(both(null), [ana(on)]))).toEqual([]);
    expect(shutdown(domain(both(off), [ana(on), { name: 'bo', idleShutdown: both(null) }]))).toHaveLength(1);
  });

  test.each<[string, ReturnType<typeof shutdown>]>([
    ['a domain that shuts them down', shutdown(domain(both(on)))],
    ['a domain that is being deleted', shutdown(domain(both(null), [], { state: 'Deleting' }))],
    ['domains that were not read whole', shutdown(domain(both(null)), partial('aws.sagemaker.domains'))],
  ])('says nothing of %s', (_, found) => {
    expect(found).toEqual([]);
  });
});
