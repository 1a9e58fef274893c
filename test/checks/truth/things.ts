import type { Resource, Telemetry } from '../../../lib/estate/model.ts';
import {
  arn,
  type Case,
  cost,
  type Expected,
  freshId,
  machine,
  PARTIAL,
  PARTIAL_REGION,
  series,
  TAGGED,
} from './model.ts';

function volume(
  name: string,
  found: boolean,
  given: Partial<Resource> = {},
  attributes: Resource['attributes'] = {},
): Case {
  const id = arn(freshId('vol'), 'volume').replace('us-east-1', given.region ?? 'us-east-1');
  return {
    name: `volume: ${name}`,
    resources: [
      machine({
        type: 'aws:ec2:volume',
        id,
        name,
        state: 'available',
        sku: 'gp3',
        accelerators: [],
        tags: TAGGED,
        dataset: 'aws.ec2.volumes',
        attributes: { sizeGiB: 500, attachments: [], systemTags: {}, ...attributes },
        ...given,
      }),
    ],
    costs: [cost({ resourceId: id, effective: '40' })],
    ...(given.region === PARTIAL_REGION ? { coverage: [PARTIAL] } : {}),
    expect: found ? [{ check: 'unattached-volume', verdict: 'UNUSED', resourceId: id, saving: null }] : [],
  };
}

type Expiry = 'EXPIRED' | 'HELD' | 'NONCOMPLIANT' | null;

/** A machine of one device with a date on it; idle ones are found by `idle-gpu`, too. */
function dated(
  name: string,
  date: string,
  verdict: Expiry,
  { use = 60, idle = null }: { use?: number | null; idle?: Expected['verdict'] | null } = {},
): Case {
  const id = arn(freshId('i'));
  const told: Telemetry[] =
    use === null
      ? []
      : [
          series('gpu-utilization', '0', use, { resourceId: id }),
          series('gpu-memory-used', '0', 200, { resourceId: id }),
          series('gpu-power', '0', use > 5 ? 80 : 10, { resourceId: id }),
        ];
  return {
    name: `date: ${name}`,
    resources: [
      machine({
        id,
        name,
        tags: { ...TAGGED, expires: date },
        attributes: { acceleratorDevices: 1 },
        accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 }],
      }),
    ],
    telemetry: told,
    costs: [cost({ resourceId: id })],
    expect: [
      ...(verdict === null
        ? []
        : [
            {
              check: 'expired-experiment',
              verdict,
              resourceId: id,
              saving: verdict === 'EXPIRED' ? '2816.64' : null,
            },
          ]),
      ...(idle === null
        ? []
        : [{ check: 'idle-gpu', verdict: idle, resourceId: id, saving: idle === 'IDLE' ? '2816.64' : null }]),
    ],
  };
}

function tagged(
  name: string,
  tags: Record<string, string>,
  found: boolean,
  given: Partial<Resource> = {},
): Case {
  const id = arn(freshId('i'));
  return {
    name: `tags: ${name}`,
    resources: [machine({ id, name, tags, accelerators: [], sku: 'm7i.large', ...given })],
    costs: [cost({ resourceId: id, effective: '70' })],
    expect: found ? [{ check: 'untagged', verdict: 'NONCOMPLIANT', resourceId: id, saving: null }] : [],
  };
}

function mistagged(name: string, tags: Record<string, string>): Case {
  const one = tagged(name, tags, false);
  const id = one.resources?.[0]?.id ?? '';
  return { ...one, expect: [{ check: 'tag-policy', verdict: 'NONCOMPLIANT', resourceId: id, saving: null }] };
}

/** An endpoint without accelerators, by how many asked it in each hour. */
function plainEndpoint(
  name: string,
  requests: number | ((hour: number) => number) | null,
  verdict: 'IDLE' | 'UNOBSERVED' | null,
  given: Partial<Resource> = {},
): Case {
  const id = `arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain-${name.replaceAll(/[^a-z]+/g, '-')}`;
  return {
    name: `endpoint: ${name}`,
    resources: [
      machine({
        type: 'aws:sagemaker:endpoint',
        id,
        name,
        state: 'InService',
        sku: 'ml.c7i.large',
        accelerators: [],
        tags: TAGGED,
        attributes: { acceleratorsUnknown: false },
        dataset: 'aws.sagemaker.endpoints',
        ...given,
      }),
    ],
    telemetry:
      requests === null
        ? []
        : [series('requests', null, requests, { resourceId: id, statistic: 'sum', unit: 'count' })],
    costs: [cost({ resourceId: id, effective: '90' })],
    expect:
      verdict === null
        ? []
        : [
            {
              check: 'idle-endpoint',
              verdict,
              resourceId: id,
              saving: verdict === 'IDLE' ? '90' : null,
            },
          ],
  };
}

export const THINGS: readonly Case[] = [
  volume('free for a month', true),
  volume('free, made by a stack', true, {}, { systemTags: { 'aws:cloudformation:stack-id': 's' } }),
  volume(
    'attached to a stopped machine',
    false,
    { state: 'in-use' },
    { attachments: [{ instanceId: 'i-1' }] },
  ),
  volume('free, though an attachment is named', false, {}, { attachments: [{ instanceId: 'i-1' }] }),
  volume('younger than two weeks', false, { created: '2026-11-10T00:00:00Z' }),
  volume('without a date', false, { created: null }),
  volume('of a Kubernetes claim', false, {
    tags: { ...TAGGED, 'kubernetes.io/created-for/pvc/name': 'data' },
  }),
  volume('kept by AWS Backup', false, {}, { systemTags: { 'aws:backup:source-resource': 'x' } }),
  volume('being deleted', false, { state: 'deleting' }),
  volume('in a region read by half', false, { region: PARTIAL_REGION }),

  dated('past, and at work: only its owner may stop it', '2026-11-01', 'HELD'),
  dated('past, and at rest', '2026-11-01', 'EXPIRED', { use: 1, idle: 'IDLE' }),
  dated('past, and nothing measures it', '2026-11-01', 'HELD', { use: null, idle: 'UNOBSERVED' }),
  dated('in the future', '2026-12-24', null),
  dated('today is not over', '2026-11-20', null),
  dated('yesterday is not over at the far end of the Earth', '2026-11-19', null),
  dated('no date of the calendar', '2026-02-31', 'NONCOMPLIANT'),
  dated('in another order', '01.11.2026', 'NONCOMPLIANT'),
  dated('at a time with its zone', '2026-11-20T09:00:00+01:00', 'HELD'),
  dated('empty', '', 'NONCOMPLIANT'),

  plainEndpoint('nobody asked, and every hour was counted', 0, 'IDLE'),
  plainEndpoint('nothing was ever counted', null, 'UNOBSERVED'),
  plainEndpoint('asked all the time', 4000, null),
  plainEndpoint('asked by a job at night', (hour) => (hour % 24 === 3 ? 9000 : 0), null),
  plainEndpoint('of which nobody knows the machines', 0, null, { attributes: { acceleratorsUnknown: true } }),
  plainEndpoint('made yesterday', 0, null, { created: '2026-11-19T10:00:00Z' }),

  tagged('none', {}, true),
  tagged('one of the user’s own', { team: 'ml' }, false),
  tagged('only what AWS writes itself', { 'aws:cloudformation:stack-name': 's' }, true),
  tagged('a value of nothing', { team: '' }, true),
  tagged('a key named __proto__', JSON.parse('{ "__proto__": "x" }'), false),
  tagged('emoji alone', { '🧪': '🚀' }, false),
  mistagged('a value that is not allowed', { ...TAGGED, env: 'production' }),
  mistagged('a value in another case, with a certain fix', { ...TAGGED, env: 'Prod' }),
  tagged('of a thing whose tags nobody read', {}, false, { attributes: { tagsUnknown: true } }),
];
