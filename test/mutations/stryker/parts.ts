/** One part of the code, mutated on its own, and the tests that answer for it: the quick ones first. */
export interface Part {
  readonly name: string;
  /** Globs of what is mutated, as StrykerJS takes them. */
  readonly mutate: readonly string[];
  /** Globs of test files, in the order in which they run. */
  readonly tests: readonly string[];
  /** Globs of tests among them that need another server. */
  readonly without: readonly string[];
  /** Names of tests among them that are left out, since they take seconds and kill nothing that others do not. */
  readonly slow: readonly string[];
  readonly globalSetup: readonly string[];
}

/** The ledger's tables, as against what decides. */
const STORES = [
  'lib/ledger/sqlite*.ts',
  'lib/ledger/dynamodb*.ts',
  'lib/ledger/{rows,schema,life-schema,packed}.ts',
];
const SLACK = ['test/counterparts/slack.ts'];

export const PARTS: readonly Part[] = [
  {
    name: 'ledger',
    mutate: ['lib/ledger/**/*.ts', ...STORES.map((glob) => `!${glob}`)],
    tests: ['test/ledger/decide/{answers,steps}.test.ts', 'test/ledger/*.test.ts'],
    // Thousands of findings or of steps: what they notice, answers.test.ts notices in a moment.
    without: ['test/ledger/*.{moto,dynamodb,long}.test.ts', 'test/ledger/{packed,sqlite}.test.ts'],
    slow: ['plans 10,000 findings', 'holds many findings'],
    globalSetup: [],
  },
  {
    name: 'stores',
    mutate: STORES.filter((glob) => !glob.includes('dynamodb')),
    tests: [
      'test/ledger/{rows,packed,finding,schema}.test.ts',
      'test/ledger/sqlite.test.ts',
      'test/ledger/sqlite.long.test.ts',
    ],
    without: [],
    // Ten thousand rows, and processes of their own, which no mutant reaches.
    slow: ['holds many findings', 'lets several processes write at once'],
    globalSetup: [],
  },
  {
    name: 'sweep',
    mutate: ['lib/run/sweep/**/*.ts'],
    tests: ['test/run/sweep/{context,places,look,look-scopes}.test.ts', 'test/run/sweep/*.test.ts'],
    without: ['test/run/sweep/*.{moto,dynamodb}.test.ts'],
    slow: [],
    globalSetup: [],
  },
  {
    name: 'respond',
    mutate: ['lib/notices/signature.ts', 'lib/run/respond/**/*.ts'],
    tests: [
      'test/notices/signature.test.ts',
      'test/run/respond/*.test.ts',
      'test/run/respond/*.slack.test.ts',
    ],
    without: ['test/run/respond/bundle.test.ts'],
    slow: [],
    globalSetup: SLACK,
  },
];

/** The part that is being mutated: the environment is all that reaches the processes in which tests run. */
export function chosenPart(name: string | undefined): Part {
  const part = PARTS.find((each) => each.name === name);
  if (part === undefined)
    throw new RangeError(`BURSAR_MUTATE must name a part: ${PARTS.map((each) => each.name).join(', ')}`);
  return part;
}
