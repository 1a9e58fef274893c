import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheRoot, type Installation, install, lock, run } from './install.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-install-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function counted(spec: readonly string[] = ['thing==1']): Installation & { builds: number } {
  const thing = {
    name: 'thing',
    spec,
    builds: 0,
    build: async (folder: string) => {
      thing.builds += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await writeFile(join(folder, 'tool'), spec.join());
    },
  };
  return thing;
}

describe('an installation', () => {
  test('is built once and found again', async () => {
    const thing = counted();
    const folder = await install(thing, root);
    expect(await readFile(join(folder, 'tool'), 'utf8')).toBe('thing==1');
    expect(await install(thing, root)).toBe(folder);
    expect(thing.builds).toBe(1);
  });

  test('is built once by several that ask at the same time', async () => {
    const thing = counted();
    const folders = await Promise.all([install(thing, root), install(thing, root), install(thing, root)]);
    expect(new Set(folders).size).toBe(1);
    expect(thing.builds).toBe(1);
    expect((await readdir(root)).filter((name) => name.includes('.'))).toEqual([]);
  });

  test('with another pin is another one, beside the first', async () => {
    const first = await install(counted(['thing==1']), root);
    const second = await install(counted(['thing==2']), root);
    expect(second).not.toBe(first);
    expect(existsSync(first)).toBe(true);
  });

  test('that failed half-way leaves nothing that is taken for whole', async () => {
    const thing = counted();
    const broken = {
      ...thing,
      build: async (folder: string) => {
        await writeFile(join(folder, 'half'), '');
        throw new Error('the network went away');
      },
    };
    await expect(install(broken, root)).rejects.toThrow('the network went away');
    const folder = await install(thing, root);
    expect(existsSync(join(folder, 'half'))).toBe(false);
    expect(thing.builds).toBe(1);
  });

  test('whose folder lost its marker is built again', async () => {
    const thing = counted();
    const folder = await install(thing, root);
    await rm(join(folder, '.installed'));
    await writeFile(join(folder, 'rest'), '');
    expect(await install(thing, root)).toBe(folder);
    expect(thing.builds).toBe(2);
    expect(existsSync(join(folder, 'rest'))).toBe(false);
  });
});

describe('a lock', () => {
  test('is held by one at a time, across processes', async () => {
    const path = join(root, 'a.lock');
    const script = [
      `import { lock } from ${JSON.stringify(join(import.meta.dirname, 'install.ts'))};`,
      `import { existsSync, rmSync, writeFileSync } from 'node:fs';`,
      `const inside = ${JSON.stringify(join(root, 'inside'))};`,
      `for (let i = 0; i < 5; i += 1) {`,
      `  const release = await lock(${JSON.stringify(path)}, 'a');`,
      `  if (existsSync(inside)) throw new Error('two hold it');`,
      `  writeFileSync(inside, '');`,
      `  await new Promise((resolve) => setTimeout(resolve, 5));`,
      `  rmSync(inside);`,
      `  await release();`,
      `}`,
    ].join('\n');
    const file = join(root, 'holder.ts');
    await writeFile(file, script);
    await Promise.all([run(process.execPath, [file]), run(process.execPath, [file])]);
    expect(existsSync(path)).toBe(false);
  });

  test('of a process that is gone is taken over', async () => {
    const path = join(root, 'b.lock');
    await mkdir(path);
    // Beyond any process id of Linux (kernel: PID_MAX_LIMIT is 4,194,304).
    await writeFile(join(path, 'pid'), '4194399');
    const release = await lock(path, 'b');
    expect(await readFile(join(path, 'pid'), 'utf8')).toBe(String(process.pid));
    await release();
    expect(existsSync(path)).toBe(false);
  });
});

test('a command that fails shows what it printed', async () => {
  const failing = run(process.execPath, ['-e', 'console.error("no such wheel"); process.exit(3)']);
  await expect(failing).rejects.toThrow(/ended with 3:\nno such wheel/);
  await expect(run('no-such-command', [])).rejects.toThrow('no-such-command did not start');
});

test("the cache lies where XDG says, else in the home folder's .cache", () => {
  expect(cacheRoot({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/bursar-test');
  expect(cacheRoot({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/bursar-test$/);
});
