import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { assembleRoles } from '../../../lib/run/assemble/roles.ts';

let folder: string;
let flag: string;
let stop: string;
let neither: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-roles-'));
  const written = async (name: string, text: string) => {
    const file = join(folder, name);
    await writeFile(file, `schemaVersion: 1\n${text}\n`);
    return file;
  };
  const clouds =
    'estate: { aws: {}, gcp: { projects: [acme-prod], actAs: bursar-act@acme-ops.iam.gserviceaccount.com } }';
  flag = await written('flag.yaml', `policies: [{ check: idle-gpu, mode: flag }]\n${clouds}`);
  stop = await written('stop.yaml', `policies: [{ check: idle-gpu, mode: stop }]\n${clouds}`);
  neither = await written('neither.yaml', 'sources: { bills: { type: focus-file, path: ./bills } }');
});
afterAll(() => rm(folder, { recursive: true }));

const Rights = z.object({
  rights: z.array(z.looseObject({ holder: z.string() })),
  never: z.array(z.string()),
});
const Diff = z.object({
  granted: z.array(z.looseObject({ holder: z.string() })),
  withdrawn: z.array(z.unknown()),
});

test('as text and as JSON: the same rights, and what is never allowed', async () => {
  const text = (await assembleRoles(stop, undefined, 'text')).split('\n');
  const json = Rights.parse(JSON.parse(await assembleRoles(stop, undefined, 'json')));
  expect(json.never.length).toBeGreaterThan(0);
  expect(text).toHaveLength(json.rights.length + json.never.length);
  expect(text.filter((line) => line.startsWith('never: '))).toHaveLength(json.never.length);
  expect(new Set(json.rights.map(({ holder }) => holder))).toEqual(
    new Set([
      'function plan',
      'function collect',
      'function audit',
      'function ai-usage',
      'function sweep',
      'function digest',
      'role BursarRead',
      'role BursarAct',
      'Google Cloud: read',
      'Google Cloud: act',
    ]),
  );
});

test('the difference of two configs, as text and as JSON', async () => {
  const diff = Diff.parse(JSON.parse(await assembleRoles(flag, stop, 'json')));
  expect(diff.withdrawn).toEqual([]);
  expect(await assembleRoles(flag, stop, 'text')).toContain(
    `\n${diff.granted.length} rights granted, 0 rights withdrawn.`,
  );
  await expect(assembleRoles(flag, stop, 'cloudformation')).rejects.toMatchObject({ code: 'input' });
});

test('the roles that others have to make, each in its language', async () => {
  const template: unknown = parse(await assembleRoles(stop, undefined, 'cloudformation'));
  expect(
    Object.keys(z.object({ Resources: z.record(z.string(), z.unknown()) }).parse(template).Resources),
  ).toEqual(['Read', 'Act']);
  expect(await assembleRoles(stop, undefined, 'terraform')).toContain(
    'resource "aws_iam_role" "bursar_act" {',
  );
  expect(await assembleRoles(stop, undefined, 'gcloud')).toMatch(/^#!\/usr\/bin\/env bash\n/);
  expect(await assembleRoles(stop, undefined, 'google-terraform')).toContain(
    'resource "google_project_iam_custom_role" "bursar_act_acme_prod" {',
  );
});

test.each(['cloudformation', 'terraform', 'gcloud', 'google-terraform'] as const)(
  'a config that asks nothing of that cloud says so: %s',
  async (format) => {
    await expect(assembleRoles(neither, undefined, format)).rejects.toMatchObject({ code: 'config' });
  },
);

test('a config that is not there is named', async () => {
  await expect(assembleRoles(flag, join(folder, 'none.yaml'), 'text')).rejects.toMatchObject({
    where: expect.stringContaining('none.yaml'),
  });
});
