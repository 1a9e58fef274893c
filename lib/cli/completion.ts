import type { Argument, Command, Option } from 'commander';
import { BursarError } from '../platform/errors.ts';
import { print } from './io.ts';

/** What stands after an option or a command's name. */
type Values =
  | { readonly kind: 'none' }
  | { readonly kind: 'any'; readonly several: boolean }
  | { readonly kind: 'files'; readonly several: boolean }
  | { readonly kind: 'folders'; readonly several: boolean }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly several: boolean };

interface Flag {
  readonly names: readonly string[];
  readonly description: string;
  readonly values: Values;
}

/** One command of the tree as shells complete it. */
interface Level {
  /** Its name with those above it: `bursar slack check`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly Flag[];
  readonly operands: Values;
}

const SHELLS: Readonly<Record<string, (levels: readonly Level[]) => string>> = { bash, zsh, fish };

/** `bursar completion bash|zsh|fish`: what to load so that the shell completes; read off the commands themselves. */
export async function completion(program: Command, shell: string): Promise<void> {
  const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (write === undefined)
    throw new BursarError('input', `there is no completion for ${JSON.stringify(shell)}`, {
      hint: `There is ${Object.keys(SHELLS).join(', ')}.`,
    });
  await print(write(levelsOf(program, '')), {});
}

function levelsOf(command: Command, above: string): Level[] {
  const path = above === '' ? command.name() : `${above} ${command.name()}`;
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  return [
    {
      path,
      commands: commands.map((each) => ({ name: each.name(), description: each.description() })),
      flags: help.visibleOptions(command).map(flagOf),
      operands: operandsOf(command.registeredArguments),
    },
    ...commands.flatMap((each) => levelsOf(each, path)),
  ];
}

function flagOf(option: Option): Flag {
  const names = [option.long, option.short].filter((each) => each !== null && each !== undefined);
  const takes = option.required || option.optional;
  const values: Values = takes
    ? valuesOf(option.flags, option.argChoices, option.variadic)
    : { kind: 'none' };
  return { names, description: option.description, values };
}

function operandsOf([first]: readonly Argument[]): Values {
  return first === undefined ? { kind: 'none' } : valuesOf(first.name(), first.argChoices, first.variadic);
}

/** Files are what the tree calls so: `<file>`, `<path...>`, `<paths>`; folders `<dir>`. */
function valuesOf(name: string, choices: readonly string[] | undefined, several: boolean): Values {
  if (choices !== undefined) return { kind: 'words', words: choices, several };
  if (/\b(file|path|paths)\b/.test(name)) return { kind: 'files', several };
  return /\bdir\b/.test(name) ? { kind: 'folders', several } : { kind: 'any', several };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What a word that begins with no `-` may be; where nothing is known, the options. */
function plainWords({ commands, flags, operands }: Level): string[] {
  const known = [...commands.map(({ name }) => name), ...(operands.kind === 'words' ? operands.words : [])];
  return known.length === 0 && operands.kind === 'none' ? flagNames(flags) : known;
}

function flagNames(flags: readonly Flag[]): string[] {
  return flags.flatMap(({ names }) => names);
}

/** Options that take a value, each with the command it belongs to. */
function valuedOf(levels: readonly Level[]): { readonly key: string; readonly values: Values }[] {
  return levels.flatMap(({ path, flags }) =>
    flags
      .filter(({ values }) => values.kind !== 'none')
      .flatMap(({ names, values }) => names.map((name) => ({ key: quoted(`${path} ${name}`), values }))),
  );
}

/** Alternatives of a `case`; one that nothing matches where there is none. */
function patterns(keys: readonly string[]): string {
  return keys.length === 0 ? "''" : keys.join(' | ');
}

/**
 * Where the cursor stands, in words that bash and zsh read alike: `cmd` the command so far, `option` the one whose
 * value comes next. `first` and `last` are the words to read, `words` the array they are in.
 */
function walk(levels: readonly Level[], first: string, last: string, word: string): string {
  const valued = valuedOf(levels);
  const several = valued.filter(({ values }) => values.kind !== 'none' && values.several);
  return `  for ((at = ${first}; at < ${last}; at++)); do
    word=${word}
    if [[ $word == '=' ]]; then continue; fi
    if [[ $word == -* ]]; then
      option=
      case "$cmd $word" in (${patterns(valued.map(({ key }) => key))}) option=$word ;; esac
    elif [[ -n $option ]]; then
      case "$cmd $option" in (${patterns(several.map(({ key }) => key))}) ;; (*) option= ;; esac
    else
      case "$cmd $word" in (${patterns(levels.slice(1).map(({ path }) => quoted(path)))}) cmd="$cmd $word" ;; esac
    fi
  done`;
}

/** How bash offers what stands after a word; `any` offers nothing, rather than what is no answer. */
function bashValues(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W ${quoted(values.words.join(' '))} -- "$cur"))`;
    case 'files':
      return 'compopt -o filenames 2>/dev/null; local IFS=$\'\\n\'; COMPREPLY=($(compgen -f -- "$cur"))';
    case 'folders':
      return 'compopt -o filenames 2>/dev/null; local IFS=$\'\\n\'; COMPREPLY=($(compgen -d -- "$cur"))';
    case 'any':
    case 'none':
      return 'COMPREPLY=()';
  }
}

function bash(levels: readonly Level[]): string {
  return `# Completion of bursar for bash. In ~/.bashrc: source <(bursar completion bash)
_bursar() {
  local cur=\${COMP_WORDS[COMP_CWORD]} cmd=bursar option= word at
  if [[ $cur == '=' ]]; then cur=; fi
  COMPREPLY=()
${walk(levels, '1', 'COMP_CWORD', '${COMP_WORDS[at]}')}
  if [[ -n $option && $cur != -* ]]; then
    case "$cmd $option" in
${valuedOf(levels)
  .map(({ key, values }) => `      (${key}) ${bashValues(values)} ;;`)
  .join('\n')}
    esac
    return
  fi
  case "$cmd" in
${levels
  .map(
    (level) => `    (${quoted(level.path)})
      if [[ $cur == -* ]]; then ${bashWords(flagNames(level.flags))}
      else ${bashWords(plainWords(level))}; fi ;;`,
  )
  .join('\n')}
  esac
}
complete -F _bursar bursar
`;
}

function bashWords(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;
}

function zsh(levels: readonly Level[]): string {
  return `#compdef bursar
# Completion of bursar for zsh. As _bursar in a folder of $fpath, or after compinit: source <(bursar completion zsh)
_bursar() {
  local cur=\${words[CURRENT]} cmd=bursar option= word at
  local -a offered
${walk(levels, '2', 'CURRENT', '${words[at]}')}
  if [[ $cur == --*=* ]]; then
    option=\${cur%%=*}
    compset -P '*='
  elif [[ $cur == -* ]]; then
    option=
  fi
  if [[ -n $option ]]; then
    case "$cmd $option" in
${valuedOf(levels)
  .map(({ key, values }) => `      (${key}) ${zshValues(values)} ;;`)
  .join('\n')}
    esac
    return
  fi
  case "$cmd" in
${levels
  .map(
    ({ path, commands, flags }) => `    (${quoted(path)})
      offered=(${described(flags.flatMap(({ names, description }) => names.map((name) => ({ name, description }))))})
      ${commands.length === 0 ? '' : `if [[ $cur != -* ]]; then offered=(${described(commands)}); fi`} ;;`,
  )
  .join('\n')}
  esac
  _describe bursar offered
}
if [[ \${funcstack[1]} == _bursar ]]; then _bursar "$@"; else compdef _bursar bursar; fi
`;
}

function zshValues(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `compadd -- ${values.words.map(quoted).join(' ')}`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'any':
    case 'none':
      return "_message 'a value'";
  }
}

function described(words: readonly { readonly name: string; readonly description: string }[]): string {
  return words
    .map(({ name, description }) => quoted(`${name.replaceAll(':', String.raw`\:`)}:${description}`))
    .join(' ');
}

function fish(levels: readonly Level[]): string {
  const lines = levels.flatMap((level) => {
    const here = `complete -c bursar -n ${fishQuoted(`__bursar_at ${level.path}`)}`;
    return [
      ...level.commands.map(
        ({ name, description }) => `${here} -a ${fishQuoted(name)} -d ${fishQuoted(description)}`,
      ),
      ...(level.operands.kind === 'words'
        ? [`${here} -a ${fishQuoted(level.operands.words.join(' '))}`]
        : []),
      ...level.flags.map(
        ({ names, description, values }) =>
          `${here} ${names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')}${fishValues(values)} -d ${fishQuoted(description)}`,
      ),
    ];
  });
  return `# Completion of bursar for fish. As ~/.config/fish/completions/bursar.fish
function __bursar_at
    set -l cmd bursar
    for word in (commandline -opc)[2..-1]
        switch "$cmd $word"
            case ${levels
              .slice(1)
              .map(({ path }) => fishQuoted(path))
              .join(' ')}
                set cmd "$cmd $word"
        end
    end
    test "$cmd" = "$argv"
end
complete -c bursar -f
${lines.join('\n')}
`;
}

function fishValues(values: Values): string {
  switch (values.kind) {
    case 'none':
      return '';
    case 'words':
      return ` -x -a ${fishQuoted(values.words.join(' '))}`;
    case 'files':
      return ' -r -F';
    case 'folders':
      return " -x -a '(__fish_complete_directories)'";
    case 'any':
      return ' -x';
  }
}

/** In single quotes fish reads `\\` and `\'` alone (fish documentation, "Quotes"). */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
