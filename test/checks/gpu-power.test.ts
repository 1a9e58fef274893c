import { expect, test } from 'vitest';
import { powerLimit } from '../../lib/checks/gpu-power.ts';
import { machine } from './facts.ts';

const of = (...kinds: readonly (readonly [kind: string, count?: number])[]) =>
  powerLimit(machine({ accelerators: kinds.map(([kind, count = 1]) => ({ kind, count, memoryMiB: null })) }))
    ?.watts ?? null;

test.each([
  ['NVIDIA T4', 70],
  ['nvidia-tesla-t4', 70],
  ['NVIDIA_TESLA_T4', 70],
  ['nvidia-l4', 72],
  ['NVIDIA A10G', 150],
  ['NVIDIA L40S', 350],
  ['nvidia-tesla-v100', 250],
  ['NVIDIA A100', 250],
  ['nvidia-tesla-a100', 250],
  ['nvidia-a100-80gb', 250],
  ['NVIDIA H100', 350],
  ['nvidia-h100-80gb', 350],
  ['nvidia-h100-mega-80gb', 350],
  ['nvidia-h200-141gb', 600],
])('one name of a card is as good as another: %s may draw %d W', (kind, watts) => {
  expect(of([kind])).toBe(watts);
});

test.each([
  'nvidia-tesla-t4-vws',
  'NVIDIA T4g',
  'NVIDIA L40',
  'NVIDIA B200',
  'nvidia-tesla-p100',
  'AMD Radeon Pro V520',
  'AWS Inferentia2',
  'GPU',
  'TPU v5litepod-8',
])('%s has no limit that is known', (kind) => {
  expect(of([kind])).toBeNull();
});

test('of several kinds the lowest counts, and none where one is not known or is a part of a card', () => {
  expect(of(['NVIDIA H100', 8], ['NVIDIA T4'])).toBe(70);
  expect(of(['NVIDIA H100', 8], ['NVIDIA B200'])).toBeNull();
  expect(of(['NVIDIA L4', 0.125])).toBeNull();
  expect(of()).toBeNull();
});
