import { describe, expect, it } from 'vitest';
import { idleGpu, settings } from '../../lib/checks/idle-gpu.ts';
import type { Facts } from '../../lib/checks/model.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { savingLines } from '../../lib/ledger/saving-lines.ts';
import { arn, cost, END, facts, HOUR, idleTelemetry, machine, NOW, SCOPE, series } from './facts.ts';

const defaults = settings.parse({});

function judge(telemetry: Telemetry[], given: Partial<Facts> = {}, resource: Partial<Resource> = {}) {
  return idleGpu.judge(
    facts({ resources: [machine(resource)], telemetry, costs: [cost()], ...given }),
    defaults,
    NOW,
  );
}

function verdict(telemetry: Telemetry[], given: Partial<Facts> = {}, resource: Partial<Resource> = {}) {
  const [first, ...rest] = judge(telemetry, given, resource);
  expect(rest).toEqual([]);
  return first?.verdict ?? 'none';
}

/** What is said not to be seen of an idle machine, as far as it has these words. */
function blindSpots(words: string, given: Partial<Facts> = {}, resource: Partial<Resource> = {}) {
  return judge(idleTelemetry(), given, resource).flatMap((found) =>
    found.blindSpots.filter((each) => each.includes(words)),
  );
}

/** Idle telemetry with one series changed, or left out (null). */
function changed(
  metric: Telemetry['metric'],
  device: string,
  change: Partial<Telemetry> | null,
  from = idleTelemetry(),
): Telemetry[] {
  return from.flatMap((one) =>
    one.metric === metric && one.device === device ? (change === null ? [] : [{ ...one, ...change }]) : [one],
  );
}

/** The scope as read but for these datasets. */
function partial(...incomplete: string[]): Partial<Facts> {
  return {
    coverage: [{ scope: SCOPE, status: 'partial', reason: 'denied', asOf: NOW.toISOString(), incomplete }],
  };
}

function averages(value: number): Telemetry[] {
  return idleTelemetry().map((one) =>
    one.metric === 'gpu-utilization'
      ? { ...series('gpu-utilization', one.device, value), statistic: 'average' as const }
      : one,
  );
}

function counts(sparse: number): Telemetry[] {
  return ['0', '1'].map((device) =>
    series('gpu-utilization', device, (hour) => (hour < sparse ? 6 : 60), {
      statistic: 'sample-count',
      unit: 'count',
    }),
  );
}

/** What an idle machine reports, with the power of each device in watts; null: of that device none. */
function inWatts(value: number | ((device: string) => number | null)): Telemetry[] {
  return idleTelemetry().flatMap((one) => {
    if (one.metric !== 'gpu-power') return [one];
    const told = typeof value === 'number' ? value : value(one.device ?? '');
    return told === null ? [] : [series('gpu-power', one.device, told, { unit: 'watt' })];
  });
}

function wattsOnly(value: number): Telemetry[] {
  return inWatts(value).filter(({ metric }) => metric === 'gpu-power');
}

function card(kind: string, count = 2): Pick<Resource, 'accelerators'> {
  return { accelerators: [{ kind, count, memoryMiB: 32_768 }] };
}

function powerOnly(value: number): Telemetry[] {
  return ['0', '1'].map((device) => series('gpu-power', device, value));
}

describe('idle-gpu', () => {
  it('has the defaults of the documented verdicts', () => {
    expect(defaults).toEqual({
      window: '168h',
      period: '1h',
      below: 5,
      powerShare: 35,
      memoryHeld: 10,
      sampleShare: 90,
    });
    expect(() => settings.parse({ belwo: 3 })).toThrow('belwo');
    expect(() => settings.parse({ window: 'a week' })).toThrow('168h');
  });

  it('says IDLE with evidence for each device, and the saving of the bill', () => {
    const [found] = judge(idleTelemetry());
    expect(found).toMatchObject({
      check: 'idle-gpu',
      verdict: 'IDLE',
      confidence: 'high',
      resourceId: arn('i-0000000000000001'),
      costBasis: 'billed',
      monthlyCost: { amount: '2816.64', currency: 'USD' },
      monthlySaving: { amount: '2816.64', currency: 'USD' },
      scopes: [SCOPE],
    });
    for (const device of ['0', '1'])
      expect(found?.evidence).toContainEqual({
        name: `maximum compute use, device ${device}`,
        value: '1',
        unit: '%',
        window: `${new Date(END - 168 * HOUR).toISOString()}/${new Date(END).toISOString()}`,
        source: 'CWAgent gpu-utilization',
      });
    expect(found?.evidence.filter(({ name }) => name.startsWith('samples of'))).toHaveLength(6);
  });

  it('rests on the machines and their telemetry, and on nothing else of the scope', () => {
    const dataset = 'aws.ec2.instances';
    const [found] = judge(idleTelemetry(), partial('aws.ec2.volumes', 'aws.rds.databases'), { dataset });
    expect(found).toMatchObject({
      verdict: 'IDLE',
      scopes: [`${SCOPE}#aws.ec2.instances`, `${SCOPE}#aws.ec2.gpu-telemetry`],
    });
    for (const blind of [dataset, 'aws.ec2.gpu-telemetry'])
      expect(verdict(idleTelemetry(), partial(blind), { dataset })).not.toBe('IDLE');
    expect(verdict(idleTelemetry(), { coverage: [] }, { dataset })).not.toBe('IDLE');
  });

  it('takes zero requests as the second signal', () => {
    const noPower = idleTelemetry().filter(({ metric }) => metric !== 'gpu-power');
    expect(verdict(noPower)).toBe('SUSPECTED');
    const requests = series('requests', null, 0, { statistic: 'sum', unit: 'count' });
    expect(verdict([...noPower, requests])).toBe('IDLE');
    expect(
      verdict([
        ...idleTelemetry(),
        { ...requests, points: [{ at: new Date(END - HOUR).toISOString(), value: 3 }] },
      ]),
    ).toBe('SUSPECTED');
  });

  it('is ACTIVE (no finding) as soon as one device reaches the limit once', () => {
    for (const value of [5, 5.01, 100])
      expect(
        verdict(
          changed(
            'gpu-utilization',
            '1',
            series('gpu-utilization', '1', (hour) => (hour === 77 ? value : 0)),
          ),
        ),
      ).toBe('none');
    expect(
      verdict(
        changed(
          'gpu-utilization',
          '1',
          series('gpu-utilization', '1', (hour) => (hour === 77 ? 4.99 : 0)),
        ),
      ),
    ).toBe('IDLE');
  });

  it('takes an average over the limit as busy, and averages below it as no proof', () => {
    expect(verdict(averages(9))).toBe('none');
    // Power at rest observes the machine, but nothing proves that no device computed.
    expect(verdict(averages(1))).toBe('SUSPECTED');
  });

  describe('UNOBSERVED', () => {
    it('is said in dollars with advice, and saves nothing', () => {
      const [found] = judge([]);
      expect(found).toMatchObject({
        verdict: 'UNOBSERVED',
        monthlyCost: { amount: '2816.64', currency: 'USD' },
        monthlySaving: null,
      });
      expect(found?.reason).toContain('CloudWatch agent');
    });

    it('is said where one device of the machine is silent', () => {
      const four = { accelerators: [{ kind: 'NVIDIA T4', count: 4, memoryMiB: 65_536 }] };
      const three = ['0', '1', '2'].flatMap((device) => [
        series('gpu-utilization', device, 0),
        series('gpu-memory-used', device, 10),
      ]);
      expect(verdict(three, {}, four)).toBe('UNOBSERVED');
      expect(verdict([...three, series('gpu-utilization', '3', 0)], {}, four)).toBe('SUSPECTED');
    });

    it('does not mix sources that may name one device twice', () => {
      const use = [
        series('gpu-utilization', '0', 0),
        series('gpu-utilization', 'GPU-5f2c', 0, { source: 'DCGM DCGM_FI_DEV_GPU_UTIL' }),
      ];
      expect(verdict(use)).toBe('UNOBSERVED');
    });

    it.each([
      [151, 'UNOBSERVED'],
      [152, 'SUSPECTED'],
      [167, 'SUSPECTED'],
      [168, 'IDLE'],
    ])('counts samples: %i of 168 hours is %s', (hours, expected) => {
      const power = idleTelemetry().filter(
        ({ metric }) => metric !== 'gpu-utilization' && metric !== 'gpu-power',
      );
      const gaps = ['0', '1'].flatMap((device) => [
        series('gpu-utilization', device, 0, { hours }),
        series('gpu-power', device, 9, { hours }),
      ]);
      expect(verdict([...power, ...gaps])).toBe(expected);
    });

    it('reads SampleCount: an hour with few samples counts for a part', () => {
      const noPower = idleTelemetry().filter(({ metric }) => metric !== 'gpu-power');
      expect(verdict([...noPower, ...counts(18)])).toBe('SUSPECTED');
      expect(verdict([...noPower, ...counts(19)])).toBe('UNOBSERVED');
    });

    it('takes no value that cannot be one for data', () => {
      for (const bad of [Number.NaN, -1, 100.5, Number.POSITIVE_INFINITY]) {
        const telemetry = changed('gpu-utilization', '1', series('gpu-utilization', '1', bad)).filter(
          ({ metric }) => metric !== 'gpu-power',
        );
        const [found] = judge(telemetry);
        expect(found?.verdict).toBe('UNOBSERVED');
        expect(found?.blindSpots.join()).toContain('not data');
      }
    });

    it('says nothing that acts where one value cannot be one: it may be work told in another unit', () => {
      for (const [metric, bad] of [
        ['gpu-utilization', 9000],
        ['gpu-power', 120],
        ['gpu-memory-used', -1],
      ] as const) {
        const odd = series(metric, '1', (hour) => (hour === 90 ? bad : 1));
        const [found] = judge(changed(metric, '1', odd));
        expect(found).toMatchObject({ verdict: 'SUSPECTED', monthlySaving: null });
        expect(found?.reason).toContain('some values were not data');
      }
    });

    it('ignores points outside of the window', () => {
      const old = idleTelemetry().map((one) => ({
        ...one,
        points: one.points.map(({ at, value }) => ({
          at: new Date(Date.parse(at) - 168 * HOUR).toISOString(),
          value,
        })),
      }));
      expect(verdict(old)).toBe('UNOBSERVED');
    });

    it('gives no advice about agents that it does not know to help', () => {
      const chips = { accelerators: [{ kind: 'AWS Inferentia2', count: 2, memoryMiB: 65_536 }] };
      expect(judge([], {}, chips)[0]?.reason).not.toContain('agent');
    });
  });

  describe('HELD', () => {
    it('is memory in use over 10% on one device without compute', () => {
      expect(verdict(changed('gpu-memory-used', '1', series('gpu-memory-used', '1', 1639)))).toBe('HELD');
      expect(verdict(changed('gpu-memory-used', '1', series('gpu-memory-used', '1', 1638)))).toBe('IDLE');
    });

    it('saves nothing and is never acted on', () => {
      const [found] = judge(changed('gpu-memory-used', '0', series('gpu-memory-used', '0', 9000)));
      expect(found).toMatchObject({ verdict: 'HELD', monthlySaving: null });
      expect(idleGpu.verdicts.HELD).toEqual({ actionable: false });
    });

    it('reads bytes and percent, and the memory of a partial card', () => {
      const bytes = series('gpu-memory-used', '0', 2_000_000_000, { unit: 'bytes' });
      expect(verdict(changed('gpu-memory-used', '0', bytes))).toBe('HELD');
      const percent = series('gpu-memory-used', '0', 11, { unit: 'percent' });
      expect(verdict(changed('gpu-memory-used', '0', percent))).toBe('HELD');
      const eighth = {
        accelerators: [{ kind: 'NVIDIA L4', count: 0.125, memoryMiB: 2861 }],
        attributes: { acceleratorDevices: 1 },
      };
      const one = idleTelemetry().filter(({ device }) => device === '0');
      expect(verdict(one, {}, eighth)).toBe('HELD');
      expect(
        verdict(changed('gpu-memory-used', '0', series('gpu-memory-used', '0', 280), one), {}, eighth),
      ).toBe('IDLE');
    });

    it('cannot be ruled out without memory: then never IDLE', () => {
      expect(verdict(changed('gpu-memory-used', '1', null))).toBe('SUSPECTED');
      expect(verdict(idleTelemetry(), {}, { accelerators: [{ kind: 'x', count: 2, memoryMiB: null }] })).toBe(
        'SUSPECTED',
      );
    });
  });

  describe('power', () => {
    it('alone is ACTIVE from the share on and SUSPECTED below it', () => {
      expect(verdict(powerOnly(35))).toBe('none');
      expect(verdict(powerOnly(34))).toBe('SUSPECTED');
    });

    it('of the whole machine counts for all its devices', () => {
      expect(verdict([series('gpu-power', null, 12)])).toBe('SUSPECTED');
      const use = idleTelemetry().filter(({ metric }) => metric !== 'gpu-power');
      expect(verdict([...use, series('gpu-power', null, 12)])).toBe('IDLE');
    });

    it('over the share is no second signal', () => {
      expect(verdict(changed('gpu-power', '0', series('gpu-power', '0', 40)))).toBe('SUSPECTED');
    });

    it('in watts is set against the limit of the card, which the evidence names with its source', () => {
      const [found] = judge(inWatts(24));
      expect(found?.verdict).toBe('IDLE');
      expect(found?.reason).toContain('power never passed 34.29% of its limit');
      expect(found?.evidence).toContainEqual({
        name: 'limit of the card',
        value: '70',
        unit: 'watt',
        window: '',
        source: 'NVIDIA T4 product brief, maximum power limit',
      });
      expect(found?.evidence).toContainEqual(
        expect.objectContaining({ name: 'maximum power, device 1', value: '24', unit: 'watt' }),
      );
      expect(found?.blindSpots.join()).toContain('--power-limit');
    });

    it.each([
      ['24.5 W of 70', 24.5],
      ['one device over it', (device: string) => (device === '1' ? 25 : 9)],
      ['one device missing', (device: string) => (device === '1' ? null : 9)],
      ['one device always at zero', (device: string) => (device === '1' ? 0 : 9)],
    ])('in watts at or over the share, or not of every device, is no second signal: %s', (_name, value) => {
      expect(verdict(inWatts(value))).toBe('SUSPECTED');
    });

    it('in watts of a whole machine of several devices may be their sum or one of them', () => {
      const use = idleTelemetry().filter(({ metric }) => metric !== 'gpu-power');
      const [found] = judge([...use, series('gpu-power', null, 9, { unit: 'watt' })]);
      expect(found?.verdict).toBe('SUSPECTED');
      expect(found?.blindSpots.join()).toContain('not of one device');
      const one = use.filter(({ device }) => device === '0');
      expect(
        verdict([...one, series('gpu-power', null, 9, { unit: 'watt' })], {}, card('NVIDIA T4', 1)),
      ).toBe('IDLE');
    });

    it('comes with its set-up to copy where it is what is missing, and nowhere else', () => {
      const noPower = idleTelemetry().filter(({ metric }) => metric !== 'gpu-power');
      const name = 'set-up to copy, to measure power';
      const told = (given: Telemetry[], what = {}) =>
        judge(given, {}, what)[0]?.evidence.find((one) => one.name === name)?.value;
      expect(told(noPower)).toContain('power_draw');
      expect(told(noPower, { type: 'gcp:compute:instance' })).toContain('"receiver_version":"2"');
      expect(
        told(noPower, { type: 'gcp:compute:instance', provider: 'gcp', tags: { 'goog-gke-node': '' } }),
      ).toBe(undefined);
      expect(told(idleTelemetry())).toBeUndefined();
      expect(told(changed('gpu-power', '0', series('gpu-power', '0', 40)))).toBeUndefined();
    });

    it('in watts alone is work from the share on', () => {
      expect(verdict(wattsOnly(60))).toBe('none');
      expect(verdict(wattsOnly(20))).toBe('SUSPECTED');
    });

    it('told as a share too, and higher, is not overruled by watts', () => {
      expect(
        verdict([
          ...inWatts(9),
          series('gpu-power', '0', 50, { source: 'AWS/EC2 GPUPowerUtilization' }),
          series('gpu-power', '1', 5, { source: 'AWS/EC2 GPUPowerUtilization' }),
        ]),
      ).toBe('SUSPECTED');
    });

    it.each([
      ['a model that is not in the list', card('NVIDIA X9')],
      ['a part of a card', card('NVIDIA L4', 0.125)],
      [
        'a known card beside an unknown one',
        { accelerators: [...card('NVIDIA T4', 1).accelerators, ...card('NVIDIA X9', 1).accelerators] },
      ],
    ])('in watts without a known limit is no signal, and that is said: %s', (_name, given) => {
      const [found] = judge(inWatts(9), {}, given);
      expect(found?.verdict).not.toBe('IDLE');
      expect(found?.blindSpots.join()).toContain('watts');
    });

    it('and compute of parts of a card prove nothing of the parts that nobody uses', () => {
      const parts = idleTelemetry().map((one) => ({ ...one, device: `${one.device}/mig-3` }));
      expect(verdict(parts)).toBe('SUSPECTED');
      expect(verdict([...parts, series('gpu-utilization', '1/mig-4', 60)])).toBe('none');
    });
  });

  describe('never IDLE', () => {
    it('for a machine younger than the window', () => {
      const created = new Date(END - 100 * HOUR).toISOString();
      expect(verdict(idleTelemetry(), {}, { created })).toBe('SUSPECTED');
      expect(verdict(idleTelemetry(), {}, { created: new Date(END - 168 * HOUR).toISOString() })).toBe(
        'IDLE',
      );
      expect(verdict(idleTelemetry(), {}, { created: null })).toBe('SUSPECTED');
    });

    it('without a finding for a machine that owes no sample yet', () => {
      expect(verdict([], {}, { created: new Date(END + 10 * 60_000).toISOString() })).toBe('none');
    });

    it.each(['partial', 'failed', 'not-covered'] as const)('in a scope that is %s', (status) => {
      const coverage = [{ scope: SCOPE, status, reason: 'throttled', asOf: NOW.toISOString() }];
      expect(verdict(idleTelemetry(), { coverage })).toBe('SUSPECTED');
      // What was not read is told by coverage, not blamed on the machine.
      expect(verdict([], { coverage })).toBe('none');
    });

    it('in a scope that coverage does not name, or from old facts', () => {
      expect(verdict(idleTelemetry(), { coverage: [] })).toBe('SUSPECTED');
      const asOf = NOW.toISOString();
      const later = new Date(NOW.getTime() + 49 * HOUR);
      const all = facts({
        resources: [machine()],
        telemetry: idleTelemetry(),
        coverage: [{ scope: SCOPE, status: 'complete', reason: null, asOf }],
      });
      expect(idleGpu.judge(all, defaults, later)[0]?.verdict).toBe('SUSPECTED');
      expect(idleGpu.judge(all, defaults, new Date(NOW.getTime() + 47 * HOUR))[0]?.verdict).toBe('IDLE');
    });
  });

  it('does not judge what does not run or has no accelerator', () => {
    for (const state of ['stopped', 'stopping', 'pending', 'TERMINATED'])
      expect(verdict(idleTelemetry(), {}, { state })).toBe('none');
    expect(verdict(idleTelemetry(), {}, { accelerators: [] })).toBe('none');
  });

  describe('money', () => {
    it('finds the bare id of the bill, adds its services, and saves nothing of what is committed', () => {
      const costs = [
        cost({ resourceId: 'i-0000000000000001', effective: '100.25', committed: '60.25' }),
        cost({ effective: '0.5' }),
      ];
      expect(judge(idleTelemetry(), { costs })[0]).toMatchObject({
        monthlyCost: { amount: '100.75', currency: 'USD' },
        monthlySaving: { amount: '40.5', currency: 'USD' },
      });
    });

    it('never invents a price', () => {
      expect(judge(idleTelemetry(), { costs: [] })[0]).toMatchObject({
        costBasis: 'unknown',
        monthlyCost: null,
        monthlySaving: null,
      });
    });

    it('never says a saving above the cost or below zero', () => {
      const refund = judge(idleTelemetry(), { costs: [cost({ effective: '-3' })] })[0];
      expect(refund).toMatchObject({ monthlyCost: { amount: '-3' }, monthlySaving: { amount: '0' } });
      const over = judge(idleTelemetry(), { costs: [cost({ effective: '5', committed: '-9' })] })[0];
      expect(over?.monthlySaving?.amount).toBe('5');
    });

    it('does not add currencies', () => {
      const costs = [cost(), cost({ currency: 'EUR', effective: '7' })];
      const [found] = judge(idleTelemetry(), { costs });
      expect(found).toMatchObject({ monthlyCost: null, monthlySaving: null, costBasis: 'billed' });
      expect(found?.evidence.filter(({ source }) => source === 'bill EffectiveCost')).toHaveLength(2);
    });

    it('saves nothing in a prepaid Capacity Block', () => {
      const [found] = judge(idleTelemetry(), {}, { attributes: { lifecycle: 'capacity-block' } });
      expect(found?.monthlySaving?.amount).toBe('0');
    });

    it('saves nothing in a Capacity Reservation, which is billed while nothing runs in it, line by line', () => {
      const costs = [cost({ effective: '100', committed: '60' })];
      const [found] = judge(
        idleTelemetry(),
        { costs },
        { attributes: { lifecycle: 'on-demand', capacityReservation: 'cr-1' } },
      );
      expect(found?.monthlySaving).toEqual({ amount: '0', currency: 'USD' });
      expect(found === undefined ? [] : savingLines(found).map(({ what, amount }) => [what, amount])).toEqual(
        [
          ['cost of the month', '100'],
          ['covered by commitments', '-60'],
          ['goes on billing: Capacity Reservation cr-1', '-40'],
          ['saved when it stops', '0'],
        ],
      );
      expect(found?.blindSpots.join('\n')).toContain('cancelled or made smaller');
    });

    it('tells of a start within the days of the bill, since it may have been another type before', () => {
      expect(blindSpots('another type', {}, { created: '2026-11-05T00:00:00Z' })).toEqual([
        expect.stringContaining('2026-11-05'),
      ]);
      expect(blindSpots('another type', {}, { created: '2026-10-20T00:00:00Z' })).toEqual([]);
    });

    it('tells that a commitment may cover more by now than in the days of the bill, where it covers a part', () => {
      for (const [committed, times] of [
        ['0', 0],
        ['40', 1],
        ['100', 0],
      ] as const)
        expect(
          blindSpots('Commitments cover a part', { costs: [cost({ effective: '100', committed })] }),
        ).toHaveLength(times);
    });
  });

  it('says nothing of a Capacity Reservation, whose machines are judged themselves', () => {
    expect(verdict([], {}, { type: 'aws:ec2:capacity-reservation', state: 'active' })).toBe('none');
  });

  it('shows CPU and network beside the verdict, which they never make', () => {
    const hosts = [
      series('cpu-utilization', null, 0),
      series('network-in', null, 12, { statistic: 'sum', unit: 'bytes' }),
    ];
    const [found] = judge(hosts);
    expect(found?.verdict).toBe('UNOBSERVED');
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'highest network-in of a point', value: '12', unit: 'bytes' }),
    );
  });

  it('warns of a parent that would bring the machine back', () => {
    const [found] = judge(idleTelemetry(), {}, { parent: { type: 'autoscaling-group', id: 'asg-1' } });
    expect(found?.blindSpots.join()).toContain('asg-1');
  });
});

const setUp = (given: Partial<Resource>, telemetry: Telemetry[] = []) =>
  idleGpu
    .judge(facts({ resources: [machine(given)], telemetry }), settings.parse({}), NOW)
    .flatMap(({ evidence }) => evidence.filter(({ name }) => name === 'set-up to copy'));

it('what nothing measures comes with the set-up of an agent to copy, where an agent is what it lacks', () => {
  const [told] = setUp({});
  expect(JSON.parse(told?.value ?? '')).toEqual({
    metrics: {
      append_dimensions: { InstanceId: '${aws:InstanceId}' },
      metrics_collected: {
        nvidia_gpu: {
          measurement: ['utilization_gpu', 'memory_used', 'power_draw'],
          metrics_collection_interval: 60,
        },
      },
    },
  });
  expect(setUp({ accelerators: [{ kind: 'AWS Trainium', count: 1, memoryMiB: null }] })).toEqual([]);
  // An agent is there: its gaps are no want of one.
  expect(setUp({}, [series('gpu-utilization', '0', 1, { hours: 3 })])).toEqual([]);
  expect(setUp({}, idleTelemetry())).toEqual([]);
});
