import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failingJob, settings as failingSettings } from '../../lib/checks/failing-job.ts';
import { judgeAll } from '../../lib/checks/index.ts';
import { familyOf, hasEnded, runOf } from '../../lib/checks/jobs.ts';
import { overrunningJob, settings as overrunningSettings } from '../../lib/checks/overrunning-job.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, HOUR, machine, NOW, REGION, SCOPE, series, spend } from './facts.ts';

const at = (hoursAgo: number) => new Date(NOW.getTime() - hoursAgo * HOUR).toISOString();
const arn = (name: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/${name}`;

/** A training job on two machines that failed after an hour of work. */
function job(name: string, given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return machine({
    type: 'aws:sagemaker:training-job',
    id: arn(name),
    name,
    state: 'Failed',
    created: at(30),
    sku: 'ml.g5.xlarge',
    dataset: 'aws.sagemaker.training-jobs',
    attributes: {
      jobName: name,
      createdAt: at(30),
      startedAt: at(29),
      endedAt: at(28),
      billableSeconds: 3600,
      instanceCount: 2,
      maxRuntimeSeconds: 86_400,
      endReason: null,
      failureReason: 'AlgorithmError',
      ...attributes,
    },
    ...given,
  });
}

/** The jobs of the region were not read whole. */
const CUT = {
  scope: SCOPE,
  status: 'partial' as const,
  reason: 'cut',
  asOf: NOW.toISOString(),
  incomplete: ['aws.sagemaker.training-jobs'],
};

const failing = (resources: Resource[], given: Parameters<typeof facts>[0] = {}) =>
  failingJob.judge(facts({ resources, ...given }), failingSettings.parse({}), NOW);
const overrunning = (resources: Resource[], given: Parameters<typeof facts>[0] = {}) =>
  overrunningJob.judge(facts({ resources, ...given }), overrunningSettings.parse({}), NOW);

describe('the family of a name', () => {
  test.each([
    ['train-2026-11-20-08-15-00-123', 'train'],
    ['tuner-261120-0815-012-0a1b2c3d', 'tuner'],
    ['fine-tune', 'fine-tune'],
    ['resnet50', 'resnet50'],
    ['llama-70b-2026-11-20', 'llama-70b'],
    ['job_3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'job'],
    ['deadbeef', 'deadbeef'],
    ['2026-11-20', '2026-11-20'],
    ['train 2026-11-20T08:15:00+00:00', 'train'],
    ['train 2026-11-20T08:15:00.123456Z (3)', 'train'],
    ['train #12 [retry 2]', 'train-retry'],
    ['train-20Nov2026-8pm', 'train'],
    ['train-2026Nov20-08h15m00s', 'train'],
    ['may-forecast-7', 'may-forecast'],
    ['mar', 'mar'],
    ['pipelines-kytlemm1lvpq-PreprocessingStep-cIpzShs3Qp', 'pipelines-PreprocessingStep'],
    ['pipelines-4bgmzvrjkj1z-Train-Large-rl4IQaPPbT', 'pipelines-Train-Large'],
    ['pipelines-of-research', 'pipelines-of-research'],
  ])('%s is %s', (name, family) => {
    expect(familyOf(name)).toBe(family);
  });

  test('is never empty, and the same for every time of a run', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(familyOf(name)).not.toBe('');
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,8}(-[a-z]{1,6}){0,2}$/),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        (name, date) => {
          expect(familyOf(`${name}-${date.toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}`)).toBe(
            familyOf(name),
          );
        },
      ),
    );
  });
});

describe('how a run stands', () => {
  test.each([
    ['InProgress', { startedAt: null }, 'waiting'],
    ['InProgress', {}, 'running'],
    ['Stopping', {}, 'running'],
    ['Completed', {}, 'succeeded'],
    ['Failed', {}, 'failed'],
    ['Stopped', {}, 'stopped'],
    ['Stopped', { endReason: 'MaxRuntimeExceeded' }, 'timed-out'],
  ])('%s with %j is %s', (state, attributes, outcome) => {
    expect(runOf(job('a', { state }, attributes))?.outcome).toBe(outcome);
  });

  test('a job of Batch that somebody ended is stopped; of Vertex AI the state says it', () => {
    const batch = { type: 'aws:batch:job', state: 'FAILED' };
    expect(runOf(job('a', batch))?.outcome).toBe('failed');
    expect(runOf(job('a', batch, { endReason: 'terminated' }))?.outcome).toBe('stopped');
    const vertex = { type: 'gcp:aiplatform:custom-job', state: 'JOB_STATE_EXPIRED' };
    const run = runOf(
      job('a', vertex, { billableSeconds: null, instanceCount: null, machines: 3, error: 'out of memory' }),
    );
    expect(run).toMatchObject({ outcome: 'timed-out', instances: 3, seconds: 3600 });
  });

  test.each([
    ['JOB_STATE_QUEUED', 'waiting', false],
    ['JOB_STATE_PAUSED', 'waiting', false],
    ['JOB_STATE_UPDATING', 'running', false],
    ['JOB_STATE_CANCELLING', 'running', false],
    ['JOB_STATE_CANCELLED', 'stopped', true],
    ['JOB_STATE_PARTIALLY_SUCCEEDED', 'succeeded', true],
  ])('a job of Vertex AI that is %s is %s', (state, outcome, over) => {
    const one = job('a', { type: 'gcp:aiplatform:custom-job', state });
    expect(runOf(one)?.outcome).toBe(outcome);
    expect(hasEnded(one)).toBe(over);
  });

  test('what is no job, or of a state that nobody knows, is no run', () => {
    expect(runOf(machine())).toBeNull();
    expect(runOf(job('a', { state: 'Deleting' }))).toBeNull();
  });
});

const waited = (minutes: number, attempts?: number) =>
  job(
    `a-${minutes}`,
    {},
    {
      startedAt: new Date(Date.parse(at(30)) + minutes * 60_000).toISOString(),
      ...(attempts === undefined ? {} : { attempts }),
    },
  );
const wait = (...runs: Resource[]) =>
  failing(runs)[0]?.evidence.find(({ name }) => name === 'median wait before start')?.value;

describe('failing-job', () => {
  test('two billed failures of one name are told with their hours, and their money where the bill names both', () => {
    const runs = [
      job('train-1'),
      job('train-2', { created: at(20) }, { startedAt: at(19), endedAt: at(18) }),
    ];
    const costs = [
      cost({ resourceId: arn('train-1'), effective: '0.1' }),
      cost({ resourceId: arn('train-2'), effective: '0.2' }),
    ];
    const [found, ...more] = failing([...runs, job('other-1', { state: 'Completed' })], { costs });
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      verdict: 'INEFFICIENT',
      resourceId: `job/${ACCOUNT}/${REGION}/aws:sagemaker:training-job/train`,
      resourceName: 'train',
      costBasis: 'billed',
      monthlyCost: { amount: '0.3', currency: 'USD' },
      monthlySaving: null,
      reason: '2 of its 2 runs of the last 30 days failed after 4 instance-hours.',
      scopes: [`${SCOPE}#aws.sagemaker.training-jobs`],
    });
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'last failed run', value: 'train-2' }),
    );
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'median wait before start', value: '60', unit: 'minutes' }),
    );
    const [untold] = failing(runs, { costs: costs.slice(1) });
    expect(untold).toMatchObject({ costBasis: 'unknown', monthlyCost: null });
    const [mixed] = failing(runs, {
      costs: [costs[0] ?? cost(), cost({ resourceId: arn('train-2'), currency: 'EUR' })],
    });
    expect(mixed?.monthlyCost).toBeNull();
  });

  test('of runs that the days of the bill cut, their money says so', () => {
    const costs = ['train-1', 'train-2'].map((name) => cost({ resourceId: arn(name), effective: '7.25' }));
    const lines = (...cut: Resource['attributes'][]) => {
      const runs = cut.map((attributes, index) => job(`train-${index + 1}`, {}, attributes));
      const [found] = failing(runs, { costs });
      expect(found?.monthlyCost).toEqual({ amount: '14.5', currency: 'USD' });
      expect(found?.evidence).toContainEqual(
        expect.objectContaining({
          name: 'EffectiveCost of the failed runs',
          value: '14.5',
          window: '2026-10-21T00:00:00.000Z/2026-11-20T00:00:00.000Z',
        }),
      );
      return found?.blindSpots.filter((text) => text.includes('day of the bill'));
    };
    expect(lines({}, {})).toEqual([]);
    expect(lines({ endedAt: at(2) }, {})).toEqual([
      '1 of the 2 failed runs went on before the first or after the last day of the bill: what they cost then is not in this amount.',
    ]);
    expect(lines({ startedAt: '2026-10-20T23:59:00Z' }, { endedAt: at(1) })?.[0]).toMatch(/^2 of the 2 /);
  });

  test('a run that was made before the window and failed in it counts', () => {
    const long = job('train-1', { created: at(40 * 24) }, { startedAt: at(40 * 24), endedAt: at(48) });
    expect(failing([long, job('train-2')])[0]?.reason).toMatch(/^2 of its 2 runs/);
  });

  test('waits are told by their true middle, and not of what was tried again', () => {
    expect(wait(waited(10), waited(60))).toBe('35');
    expect(wait(waited(10), waited(20), waited(60))).toBe('20');
    expect(wait(waited(10, 1), waited(90, 3))).toBe('10');
    expect(wait(waited(30, 2), waited(90, 3))).toBeUndefined();
  });

  test('one long failure is told, too; one short one is not', () => {
    expect(failing([job('train-1')])).toEqual([]);
    expect(failing([job('train-1', {}, { billableSeconds: 12 * 3600 })])[0]?.reason).toBe(
      'Its only run of the last 30 days failed after 24 instance-hours.',
    );
    expect(failing([job('train-1', {}, { billableSeconds: 12 * 3600 - 1 })])).toEqual([]);
  });

  test('a run that its limit ended failed; one that somebody stopped did not', () => {
    const limited = { state: 'Stopped' };
    const limit = { endReason: 'MaxRuntimeExceeded' };
    expect(failing([job('a-1', limited, limit), job('a-2', limited, limit)])).toHaveLength(1);
    expect(failing([job('a-1', limited), job('a-2', limited)])).toEqual([]);
  });

  test.each<[string, Resource[], Parameters<typeof facts>[0]]>([
    ['failures that cost nothing', [1, 2, 3].map((n) => job(`a-${n}`, {}, { billableSeconds: 0 })), {}],
    [
      'failures of long ago',
      [1, 2].map((n) => job(`a-${n}`, { created: at(31 * 24) }, { endedAt: at(30 * 24 + 1) })),
      {},
    ],
    ['one failure in each of two regions', [job('a-1'), job('a-2', { region: 'eu-west-1' })], {}],
    ['a scope that was not looked at', [job('a-1'), job('a-2')], { coverage: [] }],
  ])('says nothing of %s', (_, resources, given) => {
    expect(failing(resources, given)).toEqual([]);
  });
});

const running = (hours: number, attributes: Resource['attributes'] = {}) =>
  job(
    'train-9',
    { state: 'InProgress', created: at(hours + 1) },
    { startedAt: at(hours), endedAt: null, billableSeconds: null, maxRuntimeSeconds: null, ...attributes },
  );
const done = (hours: readonly number[]) =>
  hours.map((each, n) =>
    job(`train-${n}`, { state: 'Completed' }, { startedAt: at(100 + each), endedAt: at(100) }),
  );

/** What SageMaker tells of one machine of the run, in percent of one device. */
const use = (host: string, value: number, hours = 3) =>
  series('gpu-utilization', host, value, {
    resourceId: arn('train-9'),
    unit: 'device-percent',
    source: '/aws/sagemaker/TrainingJobs GPUUtilization',
    hours,
  });

test('a run far beyond what five earlier ones took is told, with the arithmetic', () => {
  const [found, ...more] = overrunning([...done([2, 2, 2.2, 1.8, 2]), running(12)]);
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    verdict: 'INEFFICIENT',
    resourceId: arn('train-9'),
    monthlySaving: null,
    reason: 'Its 5 earlier runs took 2 hours in the middle; it has run for 12.',
  });
  expect(found?.evidence).toContainEqual(
    expect.objectContaining({ name: 'instance-hours so far', value: '24' }),
  );
});

const seen = (hours: number) => ({
  coverage: [{ scope: SCOPE, status: 'complete' as const, reason: null, asOf: at(hours) }],
});

test('what failed has failed, though not every job was read, which is told', () => {
  const [found, ...more] = failing([job('a-1'), job('a-2')], { coverage: [CUT] });
  expect(more).toEqual([]);
  expect(found?.blindSpots).toContain('Not every job was read: more of its runs may have failed.');
  expect(failing([job('a-1'), job('a-2')])[0]?.blindSpots.join(' ')).not.toContain('Not every job');
});

describe('overrunning-job', () => {
  test.each<[string, Resource[]]>([
    ['one that is within the spread', [...done([2, 4, 6, 8, 10]), running(12)]],
    ['one that exceeds it by less than an hour', [...done([2, 2, 2, 2, 2]), running(2.9)]],
    ['one with four earlier runs', [...done([2, 2, 2, 2]), running(12)]],
    ['one whose earlier runs failed', [...[1, 2, 3, 4, 5].map((n) => job(`train-${n}`)), running(12)]],
    ['one that ended', [...done([2, 2, 2, 2, 2, 40])]],
    ['one that waits', [...done([2, 2, 2, 2, 2]), running(40, { startedAt: null })]],
  ])('says nothing of %s', (_, resources) => {
    expect(overrunning(resources)).toEqual([]);
  });

  test('one hang among the earlier runs does not make a hang usual', () => {
    expect(overrunning([...done([2, 2, 2, 2, 2, 400]), running(12)])).toHaveLength(1);
  });

  test('a run near its own limit is told, without any earlier run', () => {
    expect(overrunning([running(21, { maxRuntimeSeconds: 86_400 })])).toEqual([]);
    const [found] = overrunning([running(22, { maxRuntimeSeconds: 86_400 })]);
    expect(found?.reason).toBe('It has used 91% of the 24 hours after which it is stopped.');
  });

  describe('whose GPUs SageMaker tells of', () => {
    const limited = [running(22, { maxRuntimeSeconds: 86_400 })];
    const reason = (telemetry: Telemetry[]) => overrunning(limited, { telemetry })[0]?.reason;
    const RESTING =
      'It has used 91% of the 24 hours after which it is stopped. None of its GPUs reached 5% in the last 3 full hours.';
    const PLAIN = 'It has used 91% of the 24 hours after which it is stopped.';

    test.each([
      ['both machines at rest', [use('algo-1', 4), use('algo-2', 0)], RESTING],
      ['one machine at work', [use('algo-1', 4), use('algo-2', 350)], PLAIN],
      ['one machine unmeasured', [use('algo-1', 4)], PLAIN],
      ['an hour missing', [use('algo-1', 4), use('algo-2', 0, 2)], PLAIN],
      ['a value that is none', [use('algo-1', 4), use('algo-2', Number.NaN)], PLAIN],
      ['nothing measured', [], PLAIN],
    ])('%s', (_what, telemetry, said) => {
      expect(reason(telemetry)).toBe(said);
    });

    test('the highest is evidence of what runs and of what failed', () => {
      const telemetry = [use('algo-1', 4), use('algo-2', 350)];
      const value = { name: 'maximum compute use of an instance, last 3 full hours', value: '350' };
      expect(overrunning(limited, { telemetry })[0]?.evidence).toContainEqual(expect.objectContaining(value));
      const failed = [job('a-1'), job('a-2')];
      const of = { resourceId: arn('a-2') };
      const measured = { ...use('algo-1', 120, 40), ...of };
      expect(failing(failed, { telemetry: [measured] })[0]?.evidence).toContainEqual(
        expect.objectContaining({
          name: 'maximum compute use of an instance, 1 of the failed runs',
          value: '120',
        }),
      );
    });
  });

  test('where jobs were not read whole its own limit still counts, and what is usual does not', () => {
    const usual = [...done([2, 2, 2, 2, 2]), running(12)];
    expect(overrunning(usual)).toHaveLength(1);
    expect(overrunning(usual, { coverage: [CUT] })).toEqual([]);
    const limited = [running(22, { maxRuntimeSeconds: 86_400 })];
    expect(overrunning(limited, { coverage: [CUT] })).toHaveLength(1);
  });

  test('time counts up to when it was looked at, and no look is older than two days', () => {
    const resources = [running(22, { maxRuntimeSeconds: 86_400 })];
    expect(overrunning(resources, seen(2))).toEqual([]);
    expect(overrunning(resources, seen(0))).toHaveLength(1);
    const old = [running(80, { maxRuntimeSeconds: 86_400 })];
    expect(overrunning(old, seen(49))).toEqual([]);
  });
});

const told = (resources: Resource[], given: Parameters<typeof facts>[0] = {}) =>
  judgeAll(facts({ resources, ...given }), { untagged: {}, 'tag-policy': {} }, NOW).judgements.map(
    ({ check, resourceId }) => [check, resourceId],
  );

test('tags are asked of a run that goes on, and of an ended one only where the bill has its money', () => {
  expect(told([job('a', { state: 'InProgress' })])).toEqual([['untagged', arn('a')]]);
  expect(told([job('a')])).toEqual([]);
  expect(told([job('a')], { tagSpend: [spend({ resourceId: arn('a'), tags: {} })] })).toEqual([
    ['untagged', arn('a')],
  ]);
  expect(told([job('a', { tags: { team: 'llm' } })])).toEqual([]);
});
