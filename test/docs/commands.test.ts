import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../lib/cli/program.ts';
import { pages } from './pages.ts';

/** How a page calls the command: installed, or in a checkout. */
const CALL = /^(?:(?:npx )?bursar|npm run -s bursar --) /;

/** Every command line of the pages that starts ours: in blocks of code, and in the text between backquotes. */
const commands = pages().flatMap(({ path, blocks, prose }) => [
  ...blocks
    .filter(({ language }) => ['sh', 'bash', 'indented', ''].includes(language))
    .flatMap(({ text }) => text.replace(/\\\n\s*/g, ' ').split('\n'))
    .flatMap(partsOf)
    .filter((line) => CALL.test(`${line} `))
    .map((line) => ({ path, line })),
  // A page may say that there is no such command.
  ...[...prose.replace(/\bthere is no `[^`]*`/gi, '').matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code.replace(/\s+/g, ' '))
    .filter((code) => !/[:…]|\.\.\. /.test(code))
    .flatMap(partsOf)
    .filter((code) => CALL.test(code))
    .map((line) => ({ path, line })),
]);

/** The commands of a line: what is before and after a pipe, or within `<(...)`. */
function partsOf(line: string): string[] {
  const inner = [...line.matchAll(/<\((.*?)\)/g)].map(([, part = '']) => part);
  const quoted = /"[^"]*"|'[^']*'/g;
  const kept: string[] = [];
  const bare = line.replace(quoted, (text) => `\0${kept.push(text) - 1}\0`);
  const parts = bare
    .replace(/(^|\s)#.*$/, '')
    .split(/\s*(?:\|\||&&|\|(?![^[]*\])|;)\s*/)
    .map((part) => part.replace(/\s*\d?>\s*\S+/g, '').trim());
  return [...inner, ...parts.map((part) => part.replace(/\0(\d+)\0/g, (_, at) => kept[Number(at)] ?? ''))];
}

/** Words as a shell makes them of it; of a synopsis all that may be left out, and each of what is to be chosen from. */
function words(line: string): string[][] {
  const text = line.trim().replace(CALL, '');
  const whole = / \[[^\]]*\]/.test(text) ? text.replace(/[[\]]| \| /g, ' ') : text;
  const each = [...whole.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g)].map(([word]) =>
    /^[a-z]+(\|[a-z]+)+$/.test(word) ? word.split('|') : [word.replace(/["']/g, '')],
  );
  const most = Math.max(1, ...each.map((choices) => choices.length));
  return Array.from({ length: most }, (_, at) => each.map((choices) => choices[at] ?? choices[0] ?? ''));
}

/** The real commands with all that they know, but none does anything. */
function parser(): Command {
  const bursar = program();
  const still = (command: Command): void => {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined }).exitOverride();
    if (command.commands.length === 0) command.action(() => undefined);
    for (const each of command.commands) still(each);
  };
  still(bursar);
  return bursar;
}

test('pages name commands', () => {
  expect(commands.length).toBeGreaterThan(50);
});

describe.each([...new Set(commands.map(({ path }) => path))])('%s', (path) => {
  const lines = [...new Set(commands.filter((each) => each.path === path).map(({ line }) => line))];

  test.each(lines)('%s', async (line) => {
    for (const args of words(line)) expect(await parsed(args)).toBe('taken');
  });
});

async function parsed(args: readonly string[]): Promise<string> {
  // An inline name of a command alone may leave out what follows it.
  try {
    await parser().parseAsync([...args], { from: 'user' });
    return 'taken';
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'commander.missingArgument' || error.code === 'commander.help') return 'taken';
    return `${args.join(' ')}: ${error.message}`;
  }
}

test.each([
  ['bursar audit --no-such-option', "unknown option '--no-such-option'"],
  ['bursar digest --format pdf', "argument 'pdf' is invalid"],
  ['bursar audti', "unknown command 'audti'"],
  ['bursar findings one', 'too many arguments'],
])('%s would be noticed', async (line, why) => {
  expect(await parsed(words(line)[0] ?? [])).toContain(why);
});
