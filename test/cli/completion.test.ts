import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Argument, Command, Option } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { completion } from '../../lib/cli/completion.ts';
import { folder } from '../journeys/bursar.ts';

const run = promisify(execFile);

/** A tree with all that a command line may have. */
function tree(): Command {
  const bursar = new Command('bursar').version('1', '--version', 'print it');
  bursar
    .command('audit')
    .description("read bills: it's all")
    .option('--bills <path...>', 'files')
    .option('--state <dir>', 'where')
    .option('--aws [accounts]', 'which')
    .option('--days <number>', 'how many')
    .option('--plan', 'only tell')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'json']))
    .addOption(new Option('--hidden', 'not for people').hideHelp());
  const slack = bursar.command('slack').description('what people press');
  slack.command('check').description('what is missing: all');
  slack.command('serve').description('answer').option('--port <number>', 'which');
  bursar
    .command('completion')
    .description('for a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']));
  return bursar;
}

async function written(shell: string): Promise<string> {
  const wrote = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await completion(tree(), shell);
    return String(wrote.mock.calls[0]?.[0]);
  } finally {
    wrote.mockRestore();
  }
}

/** What bash offers for a line; its last word is the one that is typed. */
async function offered(line: readonly string[]): Promise<string[]> {
  const here = await folder();
  await mkdir(join(here, 'bills dir'));
  await writeFile(join(here, 'bill.csv'), '');
  await writeFile(join(here, 'c.bash'), await written('bash'));
  const { stdout, stderr } = await run(
    'bash',
    [
      '--norc',
      '-c',
      'source ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bursar; printf "%s\\n" "${COMPREPLY[@]}"',
      'bash',
      ...line,
    ],
    { cwd: here },
  );
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((each) => each !== '' && each !== 'c.bash')
    .toSorted();
}

describe('bash', () => {
  test.each([
    [
      ['bursar', ''],
      ['audit', 'completion', 'slack'],
    ],
    [['bursar', 'a'], ['audit']],
    [['bursar', '--v'], ['--version']],
    [
      ['bursar', 'slack', ''],
      ['check', 'serve'],
    ],
    [['bursar', 'slack', 'serve', '--p'], ['--port']],
    [['bursar', 'slack', 'serve', '--port', ''], []],
    [
      ['bursar', 'audit', '--format', ''],
      ['json', 'text'],
    ],
    [['bursar', 'audit', '--format', '=', 'j'], ['json']],
    [
      ['bursar', 'audit', '--format', '='],
      ['json', 'text'],
    ],
    [['bursar', 'audit', '--format', 'json', '--pl'], ['--plan']],
    [['bursar', 'audit', '--plan', '--format', 't'], ['text']],
    [['bursar', 'audit', '--state', ''], ['bills dir']],
    [
      ['bursar', 'audit', '--bills', 'b'],
      ['bill.csv', 'bills dir'],
    ],
    [['bursar', 'audit', '--bills', 'x', 'bill.'], ['bill.csv']],
    [['bursar', 'audit', '--bills', 'x', '--fo'], ['--format']],
    [['bursar', 'audit', '--aws', '--fo'], ['--format']],
    // A value that is called as a command is none.
    [['bursar', 'audit', '--days', 'slack', '--pl'], ['--plan']],
    [['bursar', 'completion', 'z'], ['zsh']],
    [['bursar', 'audit', '--hid'], []],
    [
      ['bursar', 'nothing', ''],
      ['audit', 'completion', 'slack'],
    ],
  ])('%j offers %j', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });
});

test.each(['zsh', 'fish'])(
  '%s has every command, option and choice, and nothing that is hidden',
  async (shell) => {
    const script = await written(shell);
    for (const word of ['audit', 'slack', 'check', 'serve', 'bills', 'port', 'json', 'text'])
      expect(script).toContain(word);
    expect(script).not.toContain('hidden');
    expect(script).toContain(shell === 'zsh' ? String.raw`it'\''s all` : String.raw`it\'s all`);
  },
);

test('a shell that is not known is refused', async () => {
  await expect(completion(tree(), 'toString')).rejects.toThrow('no completion for "toString"');
});
