import type { Lines } from './lines.ts';

/** Reasons that are the same for several. */
const SWITCH = 'a case that the compiler demands and no caller reaches: these buttons open a form before';
const PATTERN = 'the pattern after it refuses "undefined" just as well';
const TYPED = 'a default that the type demands: the value is there in every request that comes this far';

export const RESPOND: Lines = {
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
