import type { Mutant } from './report.ts';

/** Why it does no harm that no test notices a mutant: it is told in docs/mutation-testing.md as it stands here. */
export interface Explained extends Pick<Mutant, 'file' | 'within' | 'from' | 'to'> {
  readonly why: string;
}

/** One line each: `[function, what stands there, what stood there instead, why]`, by file. */
type Line = readonly [within: string, from: string, to: string, why: string];

/** Reasons that are the same for several. */
const SWITCH = 'a case that the compiler demands and no caller reaches: these buttons open a form before';
const PATTERN = 'the pattern after it refuses "undefined" just as well';
const TYPED = 'a default that the type demands: the value is there in every request that comes this far';

const BY_FILE: Readonly<Record<string, readonly Line[]>> = {
  'lib/notices/signature.ts': [
    ['slackVerifier', 'signature === undefined', 'false', PATTERN],
    ['slackVerifier', 'timestamp === undefined', 'false', PATTERN],
    [
      'slackVerifier',
      'given.length === wanted.length',
      'true',
      'the pattern lets only 64 hexadecimal digits through, which are the 32 bytes of every SHA-256',
    ],
  ],
  'lib/run/respond/button.ts': [
    [
      'press',
      'may.notice !== null',
      'true',
      'what is stale always has its notice: allowed() read it to tell',
    ],
    [
      'eventOf',
      'record.life?.notice?.id',
      'record.life?.notice.id',
      'a notice is only taken away together with a change of state, which the stage before it has told',
    ],
    [
      'eventOf',
      'record.life?.notice',
      'record.life.notice',
      'a record that a message was sent about has a life: only version 1 wrote none, and it sent no messages',
    ],
    ['eventOf', "'exempt'", '""', SWITCH],
    ['eventOf', "case 'disown': return 'this needs a form';", "case 'disown':", SWITCH],
    ['eventOf', "'disown'", '""', SWITCH],
    ['eventOf', "'this needs a form'", '""', SWITCH],
    [
      'decision',
      "'this request is no longer open'",
      '""',
      'the second of two looks: the stage of a button holds the time of its request, so an older one is refused before',
    ],
  ],
  'lib/run/respond/command.ts': [
    [
      'command',
      "''",
      '"Stryker was here!"',
      'splitting a text never gives an empty list, so there is a first word',
    ],
  ],
  'lib/run/respond/index.ts': [
    ['respond', "'refused'", '""', 'every status that is given has its sentence'],
    ['respond', "'no-signature'", '""', 'without a signature the verifier has given its reason already'],
  ],
  'lib/run/respond/item.ts': [
    [
      'store',
      '{ ok: true, record, effects, reason }',
      '{}',
      'a click that decide() takes changes something each time, so that there is something to write',
    ],
    [
      'store',
      'true',
      'false',
      'a click that decide() takes changes something each time, so that there is something to write',
    ],
  ],
  'lib/run/respond/next.ts': [
    [
      'nextRecipient',
      '[]',
      '["Stryker was here"]',
      'a list of names that nobody has: nobody is left out by it',
    ],
  ],
  'lib/run/respond/server.ts': [['answer', "''", '"Stryker was here!"', TYPED]],
};

export const EXPLAINED: readonly Explained[] = Object.entries(BY_FILE).flatMap(([file, lines]) =>
  lines.map(([within, from, to, why]) => ({ file, within, from, to, why })),
);

function keyOf({ file, within, from, to }: Pick<Mutant, 'file' | 'within' | 'from' | 'to'>): string {
  return JSON.stringify([file, within, from, to]);
}

const byKey = new Map(EXPLAINED.map((each) => [keyOf(each), each]));

export function explanationOf(mutant: Mutant): string | null {
  return byKey.get(keyOf(mutant))?.why ?? null;
}

/** Explanations of what is noticed by now, or is not there any more: the list has to follow the code. */
export function idle(survivors: readonly Mutant[], files: ReadonlySet<string>): readonly Explained[] {
  const needed = new Set(survivors.map(keyOf));
  return EXPLAINED.filter((each) => files.has(each.file) && !needed.has(keyOf(each)));
}
