import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AiService, Facts } from '../../lib/checks/model.ts';
import { asksForAiServices, settings, unapprovedAiService } from '../../lib/checks/unapproved-ai-service.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { ACCOUNT, arn, cost, facts, machine, NOW, SCOPE } from './facts.ts';

function service(given: Partial<AiService> = {}): AiService {
  return {
    source: 'aws',
    provider: 'aws',
    vendor: 'AWS',
    accountId: ACCOUNT,
    service: 'Amazon Bedrock',
    region: 'us-east-1',
    model: 'claude-sonnet-4',
    currency: 'USD',
    effective: '10',
    charged: true,
    since: '2026-06-01T00:00:00.000Z',
    ...given,
  };
}

const HELD = new Map([
  ['aws', '2026-01-01T00:00:00.000Z'],
  ['young', '2026-11-10T00:00:00.000Z'],
]);

function judge(rows: readonly AiService[], given: object, more: Partial<Facts> = {}) {
  return unapprovedAiService.judge(
    facts({ aiServices: { rows, heldSince: HELD }, ...more }),
    settings.parse(given),
    NOW,
  );
}
const total = (amounts: readonly string[]) =>
  amounts.reduce((all, amount) => all.plus(amount), new Decimal(0));
const told = (found: ReturnType<typeof judge>) =>
  found.map(({ verdict, resourceId, monthlyCost }) => [verdict, resourceId, monthlyCost?.amount ?? null]);

const allowed = (pattern: string, model: string) =>
  judge([service({ model })], { approved: { models: [pattern] } }).length === 0;

describe('unapproved-ai-service: not on the list', () => {
  const rows = [
    service(),
    service({ model: 'nova-pro', effective: '3' }),
    service({
      vendor: 'OpenAI',
      provider: 'openai',
      service: 'OpenAI API',
      region: '',
      model: 'gpt-5',
      effective: '7',
    }),
    service({ region: 'ap-east-1', effective: '1' }),
    service({ accountId: '222233334444', model: 'nova-pro', effective: '5' }),
  ];

  it('tells the broadest thing that is not approved, an account at a time', () => {
    const approved = { vendors: ['aws'], models: ['claude-*'], regions: ['us-*', 'eu-*'] };
    const found = judge(rows, { approved });
    const within = `account/${ACCOUNT}/vendor`;
    expect(told(found)).toEqual([
      ['NONCOMPLIANT', `${within}/AWS/model/nova-pro`, '3'],
      ['NONCOMPLIANT', `${within}/OpenAI`, '7'],
      ['NONCOMPLIANT', `${within}/AWS/region/ap-east-1`, '1'],
      ['NONCOMPLIANT', 'account/222233334444/vendor/AWS/model/nova-pro', '5'],
    ]);
    expect(found[0]).toMatchObject({ monthlySaving: null, resourceType: 'ai-model', scopes: ['bill:aws'] });
    expect(found[0]?.evidence.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'model: nova-pro',
      'first charge: 2026-06-01',
      `account: ${ACCOUNT}`,
      'vendor: AWS',
      'service: Amazon Bedrock',
      'region: us-east-1',
      'EffectiveCost of this AI work: 3',
    ]);
    expect(Object.values(unapprovedAiService.verdicts).map(({ actionable }) => actionable)).toEqual([
      false,
      false,
    ]);
  });

  it('takes a list that is left out for approval, and a name that the bill lacks for nothing', () => {
    expect(judge(rows, {})).toEqual([]);
    expect(judge([service({ model: '' })], { approved: { models: ['claude-*'] } })).toEqual([]);
    expect(judge([service({ region: 'global' })], { approved: { regions: ['us-*'] } })).toEqual([]);
    expect(judge([service({ charged: false, effective: '0' })], { approved: { vendors: ['x'] } })).toEqual(
      [],
    );
    expect(
      unapprovedAiService.judge(facts({}), settings.parse({ approved: { vendors: ['x'] } }), NOW),
    ).toEqual([]);
  });

  it('matches a pattern as a whole, whatever its case, and nothing of it as an expression', () => {
    expect(allowed('Claude-*', 'claude-opus')).toBe(true);
    expect(allowed('claude', 'claude-opus')).toBe(false);
    expect(allowed('gpt-4.1', 'gpt-4x1')).toBe(false);
    expect(allowed('*(v[1])+*', 'a(v[1])+b')).toBe(true);
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
        fc.pre(!name.includes('*') && !['', 'global'].includes(name));
        expect(allowed(name, name)).toBe(true);
        expect(allowed(name, `${name}x`)).toBe(false);
      }),
    );
  });

  it('tells each dollar of the bill at most once', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const row = fc
      .record({
        vendor: word,
        service: word,
        model: word,
        region: word,
        accountId: word,
        effective: fc.constantFrom('1', '2'),
      })
      .map(service);
    const list = fc.option(fc.array(word, { minLength: 1, maxLength: 2 }), { nil: undefined });
    const approved = fc.record({ vendors: list, services: list, models: list, regions: list });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), approved, (some, lists) => {
        const found = judge(some, { approved: lists, newWithin: '30d' });
        const summed = total(found.map(({ monthlyCost }) => monthlyCost?.amount ?? 'not told'));
        expect(summed.lte(total(some.map(({ effective }) => effective)))).toBe(true);
        expect(new Set(found.map(({ provider, resourceId }) => `${provider} ${resourceId}`)).size).toBe(
          found.length,
        );
      }),
    );
  });
});

describe('unapproved-ai-service: new', () => {
  const young = '2026-11-15T00:00:00.000Z';
  const other = service({ accountId: '222233334444' });

  it('tells what was first charged within the time, by service before model', () => {
    const rows = [
      other,
      service({ model: 'nova-pro', since: young, effective: '2' }),
      service({ service: 'Amazon SageMaker', model: '', since: young, effective: '3' }),
      service({
        service: 'Amazon SageMaker',
        model: 'jumbo',
        since: '2026-11-16T00:00:00.000Z',
        accountId: '1',
      }),
    ];
    const found = judge(rows, { newWithin: '14d' });
    expect(told(found)).toEqual([
      ['SUSPECTED', 'vendor/AWS/model/nova-pro', '2'],
      ['SUSPECTED', 'vendor/AWS/service/Amazon SageMaker', '13'],
    ]);
    expect(found[1]).toMatchObject({
      accountId: ACCOUNT,
      reason: 'The service "Amazon SageMaker" is new: it was first charged on 2026-11-15.',
    });
    expect(judge(rows, { newWithin: '4d' })).toEqual([]);
    expect(judge(rows, {})).toEqual([]);
  });

  it('is not new where any account had it before, even if that one is charged nothing now', () => {
    const before = { ...other, charged: false, effective: '0' };
    expect(judge([before, service({ since: young })], { newWithin: '14d' })).toEqual([]);
  });

  it('says nothing where bills do not reach back far enough', () => {
    const row = service({ since: young });
    expect(judge([row], { newWithin: '14d' })).toHaveLength(1);
    expect(judge([{ ...row, source: 'young' }], { newWithin: '14d' })).toEqual([]);
    expect(judge([{ ...row, source: 'unheard' }], { newWithin: '14d' })).toEqual([]);
    expect(judge([row, { ...row, source: 'young' }], { newWithin: '14d' })).toEqual([]);
  });
});

describe('unapproved-ai-service: machines', () => {
  const approved = { accelerators: ['NVIDIA L4', 'p5.*'], regions: ['us-*'] };
  const found = (given: Parameters<typeof machine>[0], more: Partial<Facts> = {}) =>
    judge([], { approved }, { resources: [machine(given)], costs: [cost({ effective: '9' })], ...more });

  it('tells accelerator and region that are not approved, since when, and who made it', () => {
    const made = {
      resourceId: arn('i-0000000000000001'),
      address: null,
      principal: 'arn:p',
      event: 'RunInstances',
      at: null,
    };
    const known = { accounts: new Map(), creations: new Map([[made.resourceId, made]]), activation: null };
    const [one, ...rest] = found({ region: 'ap-east-1' }, { known });
    expect(rest).toEqual([]);
    expect(one).toMatchObject({
      verdict: 'NONCOMPLIANT',
      monthlyCost: { amount: '9' },
      monthlySaving: null,
      reason: 'The accelerator NVIDIA T4 and the region ap-east-1 are not on the list of what may be used.',
      scopes: [SCOPE.replace('us-east-1', 'ap-east-1')],
    });
    expect(one?.evidence.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'accelerator: NVIDIA T4',
      'region: ap-east-1',
      'since: 2026-10-01T00:00:00Z',
      'made by: arn:p',
      'EffectiveCost of the resource: 9',
    ]);
  });

  it('says nothing of what is approved by kind, type or region, is gone, or has no accelerator', () => {
    const l4 = [{ kind: 'NVIDIA L4', count: 1, memoryMiB: null }];
    expect(found({ accelerators: l4 })).toEqual([]);
    expect(found({ sku: 'p5.48xlarge' })).toEqual([]);
    expect(found({ state: 'terminated' })).toEqual([]);
    expect(found({ accelerators: [], region: 'ap-east-1' })).toEqual([]);
    expect(found({ type: 'aws:sagemaker:training-job', state: 'InProgress' })).toHaveLength(1);
    expect(found({ type: 'aws:sagemaker:training-job', state: 'Completed' })).toEqual([]);
    expect(found({ accelerators: l4, provider: 'gcp', region: 'us-central1-a' })).toEqual([]);
    expect(
      judge(
        [],
        { approved: { regions: ['us-central1'] } },
        {
          resources: [machine({ provider: 'gcp', region: 'us-central1-a' })],
        },
      ),
    ).toEqual([]);
  });
});

it.each([
  ['NVIDIA L4', 'nvidia-l4', true],
  ['NVIDIA L4', 'NVIDIA_L4', true],
  ['NVIDIA T4', 'nvidia-tesla-t4', true],
  ['nvidia-tesla-t4', 'NVIDIA T4', true],
  ['nvidia-tesla-*', 'nvidia-tesla-v100', true],
  ['nvidia-tesla-*', 'nvidia-l4', false],
  ['nvidia-tesla-*', 'NVIDIA H100', false],
  ['NVIDIA H100', 'nvidia-h100-80gb', false],
  ['NVIDIA H100*', 'nvidia-h100-mega-80gb', true],
  ['a3-highgpu-*', 'NVIDIA B200', true],
  ['TPU v5litepod-*', 'TPU v5litepod-8', true],
])('where %s may be used, %s may: %s', (pattern, kind, may) => {
  const one = machine({
    provider: 'gcp',
    type: 'gcp:compute:instance',
    state: 'RUNNING',
    sku: 'a3-highgpu-8g',
    accelerators: [{ kind, count: 1, memoryMiB: null }],
  });
  const found = judge([], { approved: { accelerators: [pattern] } }, { resources: [one] });
  expect(found).toHaveLength(may ? 0 : 1);
});

it.each([
  ['gcp:tpu:node', 'READY', 1],
  ['gcp:tpu:node', 'STOPPED', 1],
  ['gcp:tpu:node', 'PREEMPTED', 0],
  ['gcp:tpu:node', 'TERMINATED', 0],
  // A stopped machine of Compute Engine is TERMINATED, and may be started again.
  ['gcp:compute:instance', 'TERMINATED', 1],
  ['aws:ec2:instance', 'terminated', 0],
])('%s that is %s is told %d times', (type, state, times) => {
  const one = machine({ type, state, accelerators: [{ kind: 'TPU v6e-8', count: 1, memoryMiB: null }] });
  expect(judge([], { approved: { accelerators: ['NVIDIA L4'] } }, { resources: [one] })).toHaveLength(times);
});

it('a Workbench instance and the machine under it are told once, with the cost that the bill gives the machine', () => {
  const under = machine({ provider: 'gcp', type: 'gcp:compute:instance', state: 'RUNNING' });
  const workbench = machine({
    provider: 'gcp',
    type: 'gcp:notebooks:instance',
    id: '//notebooks.googleapis.com/projects/p/locations/l/instances/w',
    attributes: { machine: under.id },
  });
  const resources = [under, workbench];
  const costs = [cost({ provider: 'gcp', resourceId: under.id, effective: '9' })];
  const found = judge([], { approved: { accelerators: ['NVIDIA L4'] } }, { resources, costs });
  expect(told(found)).toEqual([['NONCOMPLIANT', workbench.id, '9']]);
});

describe('asksForAiServices', () => {
  it('is true only where a list or a time is set', () => {
    const given = [
      undefined,
      {},
      { approved: {} },
      { approved: { vendors: ['a'] } },
      { newWithin: '14d' },
      { newWithin: 'x' },
    ];
    expect(given.map(asksForAiServices)).toEqual([false, false, false, true, true, false]);
  });
});
