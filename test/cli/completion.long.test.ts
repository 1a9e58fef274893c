import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findShell } from '../counterparts/shells.ts';
import { folder } from '../journeys/bursar.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../lib/cli/main.ts');
const shells = { zsh: await findShell('zsh'), fish: await findShell('fish') };

/** The whole script that the command prints, in a file. */
async function script(shell: string): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, 'completion', shell]);
  const file = join(await folder(), 'completion');
  await writeFile(file, stdout);
  return file;
}

describe.each(Object.entries(shells))('%s', (shell, found) => {
  const missing = 'missing' in found ? found.missing : undefined;
  test.skipIf(missing !== undefined)(
    `reads the script${missing === undefined ? '' : `: ${missing}`}`,
    async () => {
      if ('missing' in found) throw new Error(found.missing);
      const only = { zsh: ['-f', '-n'], fish: ['--no-config', '--no-execute'] }[shell] ?? [];
      await expect(
        run(found.path, [...only, await script(shell)], { env: found.env }),
      ).resolves.toMatchObject({ stdout: '', stderr: '' });
      const broken = join(await folder(), 'broken');
      await writeFile(broken, 'if "\n');
      await expect(run(found.path, [...only, broken], { env: found.env })).rejects.toThrow('broken');
    },
  );
});

const { fish } = shells;
describe('fish', () => {
  test.skipIf('missing' in fish).each([
    ['bursar aud', 'audit'],
    ['bursar audit --fo', '--format'],
    ['bursar audit --format j', 'json'],
    ['bursar slack ch', 'check'],
    ['bursar completion f', 'fish'],
  ])(`offers after "%s" %s${'missing' in fish ? `: ${fish.missing}` : ''}`, async (line, offered) => {
    if ('missing' in fish) throw new Error(fish.missing);
    const ask = ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', await script('fish'), line];
    const { stdout, stderr } = await run(fish.path, ask, { env: fish.env });
    expect(stderr).toBe('');
    // Each line: the word, a tab, what it is for.
    expect(stdout.split('\n').map((text) => text.split('\t')[0])).toContain(offered);
  });
});
