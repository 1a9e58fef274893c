import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, inject, test } from 'vitest';
import type { Inventory } from '../../lib/run/inventory.ts';
import type { AuditResult } from '../../lib/run/model.ts';
import { disturbGcp, resetGcp } from '../counterparts/gcp.control.ts';
import { bursar, bursarOk, folder, NOW } from './bursar.ts';

const endpoint = inject('gcpUrl');

beforeEach(() => resetGcp(endpoint));

function end(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

async function configured(): Promise<string> {
  const here = await folder();
  await writeFile(
    join(here, 'bursar.yaml'),
    `schemaVersion: 1\nestate: { gcp: { projects: [ml-prod], endpoint: "${endpoint}" } }\n`,
  );
  return here;
}

test('one project: its machines with accelerators, its labels, and what no bill was read of', async () => {
  const here = await configured();
  const result: AuditResult = JSON.parse(
    await bursarOk(['audit', '--gcp', 'ml-prod', '--format', 'json', '--now', NOW], here),
  );
  expect(
    result.findings
      .map(({ check, resourceId, verdict }) => `${check} ${end(resourceId)} ${verdict}`)
      .toSorted(),
  ).toEqual(
    [
      'failing-job finetune INEFFICIENT',
      'idle-address spare UNUSED',
      // The endpoint, the Workbench instance (and not the machine under it a second time), a machine, a TPU.
      'idle-gpu 42 UNOBSERVED',
      'idle-gpu ray-1 UNOBSERVED',
      'idle-gpu shared UNOBSERVED',
      'idle-gpu slice-1 UNOBSERVED',
      'idle-gpu trainer-1 UNOBSERVED',
      'idle-gpu trainer-2 UNOBSERVED',
      'no-idle-shutdown scratch NONCOMPLIANT',
      // Both of disk 599, which is gone: one of the project as a whole, one that stands in a region, no image of either.
      'old-snapshot kept UNUSED',
      'old-snapshot old UNUSED',
      'unattached-volume forgotten UNUSED',
      'unattached-volume mirrored UNUSED',
      ...[
        '43',
        '55',
        'boot',
        'front',
        'kept',
        'mirrored',
        'pvc-1',
        'scratch',
        'spare',
        'trainer-v1',
        'web-1',
      ].map((name) => `untagged ${name} NONCOMPLIANT`),
    ].toSorted(),
  );
  expect(result.coverage).toContainEqual(
    expect.objectContaining({ scope: 'gcp:ml-prod', status: 'complete', reason: null }),
  );
  expect(result.coverage).toContainEqual({
    scope: 'gcp-billing:CU570D-1A4CU5-70D1A4',
    status: 'not-covered',
    reason: expect.stringContaining('ml-prod'),
    asOf: null,
  });
  expect(result.spend).toEqual([]);
});

test('the inventory says what each thing is, and whose accelerators a pool or a reservation tells', async () => {
  const here = await configured();
  await bursarOk(['audit', '--format', 'json', '--now', NOW], here);
  const args = ['inventory', '--ai', '--now', NOW];
  const { items }: Inventory = JSON.parse(await bursarOk([...args, '--format', 'json'], here));
  expect(items.map(({ type, name, accelerators }) => [type, name, accelerators])).toEqual(
    expect.arrayContaining([
      ['gcp:aiplatform:persistent-resource', 'ray of research', '6 x NVIDIA_TESLA_A100'],
      ['gcp:container:node-pool', 'train/h100', '8 x nvidia-h100-80gb a node'],
      ['gcp:compute:reservation', 'held-a2', '2 x nvidia-tesla-a100 reserved'],
    ]),
  );
  const lines = (await bursarOk(args, here)).split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
  expect(lines).toContain(
    'gcp | ml-prod | us-central1 | persistent-resource (aiplatform) | ray of research | RUNNING | 6 x A100; training',
  );
  expect(lines).toContain(
    'gcp | ml-prod | us-central1 | node-pool (container) | train/h100 | RUNNING | 8 x h100-80gb a node; GPU compute',
  );
}, 60_000);

test('a project that may not be read is named with what it needs, and the run goes on', async () => {
  const here = await configured();
  await disturbGcp(endpoint, { path: '/compute/', status: 403 }, 50);
  const ran = await bursar(['audit', '--format', 'json', '--fail-on-partial', '--now', NOW], here);
  expect(ran.code).toBe(3);
  const result: AuditResult = JSON.parse(ran.stdout);
  const [project] = result.coverage.filter(({ scope }) => scope === 'gcp:ml-prod');
  expect(project).toMatchObject({ status: 'partial' });
  expect(result.findings.filter(({ resourceType }) => resourceType.startsWith('gcp:compute'))).toEqual([]);
  expect(project?.reason).toContain('compute.instances');
});
