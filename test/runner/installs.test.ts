import { expect, test } from 'vitest';
import { installAll } from './installs.ts';
import type { Project } from './plan.ts';

const whole = { lacks: async () => null, install: async () => undefined };

test('a project runs where all that it needs is there, and where it needs nothing', async () => {
  const projects = new Map<Project, number>([
    ['unit', 5],
    ['moto', 2],
  ]);
  expect(await installAll(projects, { moto: [whole, whole] })).toEqual({
    ready: ['unit', 'moto'],
    missing: [],
    failures: [],
  });
});

test('what the machine lacks is told with the files that cannot run, and nothing is installed', async () => {
  const installed: string[] = [];
  const need = { ...whole, install: async () => installed.push('python') };
  const java = { ...whole, lacks: async () => 'no Java or no Maven on this machine' };
  const result = await installAll(new Map<Project, number>([['journey', 3]]), {
    journey: [need, java, java],
  });
  expect(result.ready).toEqual([]);
  expect(result.missing).toEqual([
    { project: 'journey', files: 3, why: '3 files of project journey: no Java or no Maven on this machine' },
  ]);
  expect(installed).toEqual([]);
});

test('an installation that fails on a machine that has what it takes is a failure, never a skip', async () => {
  const broken = { ...whole, install: () => Promise.reject(new Error('pip ended with 1:\nno such version')) };
  const projects = new Map<Project, number>([
    ['moto', 2],
    ['gcp', 1],
  ]);
  expect(await installAll(projects, { moto: [broken] })).toEqual({
    ready: ['gcp'],
    missing: [],
    failures: ['project moto: its counterpart could not be installed (pip ended with 1:)'],
  });
});
