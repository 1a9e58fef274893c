import { EFFECTS, type Effect, FAULTS, type Fault } from './process.ts';
import { type Random, randomFrom } from './random.ts';

/** One step of a history: a plain value, so that a story can be shortened and told. */
export interface Step {
  readonly kind:
    | 'audit'
    | 'blind-audit'
    | 'sweep'
    | 'warn-sweep'
    | 'dry-sweep'
    /** Two sweeps at once. */
    | 'sweeps'
    /** A sweep while somebody clicks. */
    | 'sweep+click'
    | 'sweep+audit'
    | 'click'
    /** The same twice. */
    | 'double-click'
    | 'forged-click'
    | 'wait'
    | 'world'
    | 'config'
    | 'slack';
  /** Button, length of the wait, change of the world: what is wanted; null: anything. */
  readonly want: string | null;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export interface Story {
  readonly seed: number;
  readonly steps: readonly Step[];
}

type Line = string;

/**
 * How lives go: the backbone of a story, into which chance throws other steps. `kind`, `kind want`, and `!effect:fault`
 * where its first call of that effect goes wrong.
 */
const BACKBONES: readonly [Line[], ...Line[][]] = [
  // Nobody answers.
  [
    'audit',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'audit',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait day',
    'audit',
    'sweep',
  ],
  ['audit', 'sweep', 'wait long', 'sweeps', 'wait due', 'sweeps', 'wait due', 'sweep', 'audit'],
  // Stopped, and brought back.
  [
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
    'click undo',
    'sweep',
    'wait due',
    'sweep',
    'wait fortnight',
    'audit',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'click undo',
    'sweep+click undo',
    'wait due',
    'sweep',
    'click undo',
    'wait due',
    'sweep',
    'audit',
  ],
  // Stop now.
  ['audit', 'sweep', 'click stop', 'sweep', 'wait due', 'sweep', 'wait day', 'audit'],
  ['audit', 'sweep', 'click acknowledge', 'click stop', 'world busy', 'sweep', 'wait due', 'sweep'],
  // What cannot be undone.
  [
    'audit',
    'sweep',
    'click stop',
    'wait short',
    'sweep',
    'click approve',
    'sweep',
    'wait due',
    'sweep',
    'audit',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'click refuse',
    'wait long',
    'sweep',
    'click stop',
    'wait fortnight',
    'sweep',
  ],
  // What could be undone when its owner was told of it.
  [
    'audit',
    'sweep',
    'click stop',
    'world ephemeral',
    'sweep',
    'wait short',
    'sweep',
    'click stop',
    'click approve',
    'wait short',
    'sweep',
    'wait due',
    'sweep',
  ],
  // Kept, then warned again.
  [
    'audit',
    'sweep',
    'click keep',
    'wait due',
    'sweep',
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
  ],
  // Exempt.
  [
    'audit',
    'sweep',
    'click exempt',
    'click approve',
    'wait due',
    'sweep',
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click acknowledge',
    'click exempt',
    'sweep',
    'click refuse',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click exempt',
    'wait fortnight',
    'sweep',
    'wait fortnight',
    'sweep',
    'wait due',
    'sweep',
  ],
  // The cloud does not do what it is asked for.
  [
    'audit',
    'sweep',
    'wait long',
    'sweep !cloud.apply:refused',
    'sweep',
    'wait due',
    'sweep',
    'click claim',
    'sweep',
    'wait long',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep !cloud.apply:error-after',
    'wait due',
    'sweep !cloud.verify:error-before',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep !cloud.apply:error-before',
    'wait day',
    'sweep !cloud.verify:error-before',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep !cloud.apply:crash-before',
    'world',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'click undo',
    'sweep !cloud.undo:refused',
    'click undo',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'click undo',
    'sweep !cloud.undo:crash-after',
    'wait due',
    'sweeps',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
    'click undo',
    'sweep !cloud.undo:refused',
    'wait short',
    'click undo',
    'sweep !cloud.undo:error-after',
    'wait due',
    'sweep',
    'audit',
  ],
  // Each effect fails in each way.
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'click undo',
    'sweep !cloud.undo:any',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'click undo',
    'sweep !cloud.undo:any',
    'wait short',
    'sweep !cloud.undo:any',
    'wait due',
    'sweep',
    'click undo',
    'sweep',
    'audit',
  ],
  [
    'audit',
    'sweep',
    'wait due',
    'sweep !slack.reply:any',
    'wait due',
    'sweep !slack.reply:any',
    'wait due',
    'sweep !slack.update:any',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep !look:any',
    'wait short',
    'sweep !cloud.read:any',
    'wait short',
    'sweep !cloud.apply:any',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
    'audit',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep !cloud.apply:any',
    'wait due',
    'sweep !cloud.verify:any',
    'wait due',
    'sweep !cloud.apply:any',
    'wait due',
    'sweep',
    'audit',
  ],
  [
    'audit !ledger.putMany:any',
    'audit',
    'sweep !slack.deliver:any',
    'wait due',
    'sweep !slack.lookup:any',
    'wait due',
    'sweep !ledger.claim:any',
    'wait long',
    'sweep !ledger.put:any',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep !ledger.putDoc:any',
    'wait short',
    'wait short',
    'sweep !ledger.release:any',
    'wait long',
    'sweep !ledger.claim:any',
    'wait due',
    'sweep !ledger.read:any',
    'wait due',
    'sweep',
  ],
  // Others end what we stopped.
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'wait day',
    'world started',
    'wait day',
    'audit',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'wait day',
    'world deleted',
    'wait day',
    'audit',
    'sweep',
    'wait day',
    'audit',
  ],
  [
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'wait long',
    'world started',
    'audit',
    'sweep',
    'click stop',
    'sweep',
    'wait day',
    'world started',
    'audit !ledger.putDoc:crash-before',
    'wait day',
    'audit',
  ],
  // It cannot be read when its owner is to be warned.
  [
    'audit',
    'sweep !cloud.read:refused',
    'wait day',
    'sweep !cloud.read:refused',
    'wait day',
    'sweep',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  // Two findings of one thing.
  ['audit', 'sweep', 'click exempt', 'wait long', 'sweep', 'wait due', 'sweep', 'sweep'],
  ['audit', 'sweep', 'click exempt', 'wait due', 'sweep', 'wait due', 'sweep', 'wait due', 'sweep'],
  [
    'audit',
    'sweep',
    'wait long',
    'sweep !cloud.apply:crash-before',
    'wait short',
    'wait short',
    'sweep !look:error-before',
    'sweep',
  ],
  // Its tags say something else than at the audit.
  ['audit', 'sweep', 'wait long', 'world env', 'sweep', 'wait short', 'sweep'],
  // Somebody answers while a sweep is at it.
  [
    'audit',
    'sweep+click',
    'wait due',
    'sweep+click acknowledge',
    'wait due',
    'sweep+click acknowledge',
    'wait due',
    'sweep+click keep',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait due',
    'sweep+click acknowledge',
    'wait due',
    'sweep+click stop',
    'sweep',
    'wait due',
    'sweep+click undo',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait due',
    'sweep+click keep',
    'wait due',
    'sweep+click',
    'audit',
    'sweep+click',
    'wait due',
    'sweep+click',
  ],
  // People answer one way, then another.
  ['audit', 'sweep', 'click acknowledge', 'click keep', 'wait due', 'world busy', 'sweep', 'audit'],
  [
    'audit',
    'sweep',
    'click acknowledge',
    'click disown',
    'sweep !ledger.put:crash-after',
    'world deleted',
    'audit',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click acknowledge',
    'click stop',
    'click approve',
    'world protect',
    'sweep',
    'sweep',
    'world deleted',
    'audit',
  ],
  ['audit', 'sweep', 'click exempt', 'click approve', 'world busy', 'audit', 'wait due', 'sweep'],
  ['audit', 'sweep', 'click exempt', 'world deleted', 'audit', 'sweep'],
  ['audit', 'sweep', 'click disown', 'world deleted', 'audit', 'sweep'],
  ['audit', 'sweep', 'click stop', 'world deleted', 'audit', 'sweep'],
  [
    'audit',
    'slack left',
    'slack left',
    'slack left',
    'sweep !ledger.put:crash-after',
    'world deleted',
    'audit',
    'sweep',
  ],
  [
    'audit',
    'slack archived',
    'slack left',
    'slack left',
    'sweep',
    'sweep',
    'sweep',
    'world deleted',
    'audit',
    'sweep',
  ],
  // Somebody else's.
  [
    'audit',
    'sweep',
    'click disown',
    'sweep',
    'wait due',
    'sweep',
    'click claim',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'slack left',
    'sweep',
    'wait due',
    'sweep',
    'click claim',
    'sweep',
    'wait long',
    'sweep',
    'wait due',
    'sweep',
  ],
  // It changes under way.
  [
    'audit',
    'sweep',
    'wait long',
    'world relaunched',
    'sweep',
    'wait short',
    'sweep',
    'wait due',
    'sweep',
    'wait long',
    'sweep',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'world busy',
    'sweep',
    'audit',
    'world idle',
    'audit',
    'sweep',
    'wait long',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'world missing',
    'audit',
    'wait long',
    'sweep',
    'world idle',
    'audit',
    'wait due',
    'sweep',
    'wait due',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'wait long',
    'world protect',
    'sweep',
    'wait short',
    'world protect',
    'sweep',
    'wait short',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'config',
    'audit',
    'wait long',
    'sweep',
    'config',
    'audit',
    'sweep',
    'wait long',
    'sweep',
  ],
  [
    'audit',
    'sweep',
    'click pause',
    'wait long',
    'sweep',
    'click resume',
    'wait short',
    'sweep',
    'wait due',
    'sweep',
  ],
  ['audit', 'sweep', 'wait long', 'sweep', 'world started', 'audit', 'sweep', 'wait long', 'sweep'],
  ['audit', 'world deleted', 'sweep', 'audit', 'sweep', 'world', 'audit', 'wait long', 'sweep'],
];

const ANYTHING: readonly [Line, ...Line[]] = [
  'audit',
  'blind-audit',
  'sweep',
  'sweep',
  'warn-sweep',
  'dry-sweep',
  'sweeps',
  'sweep+click',
  'sweep+audit',
  'click',
  'click keep',
  'click acknowledge',
  'click exempt',
  'click disown',
  'click stop',
  'click undo',
  'click approve',
  'click refuse',
  'click stale',
  'click mine',
  'click pause',
  'click resume',
  'double-click',
  'forged-click',
  'forged-click',
  'wait short',
  'wait due',
  'wait day',
  'wait back',
  'world',
  'world',
  'world idle',
  'config',
  'slack left',
  'slack archived',
];

const EFFECT_NAMES = Object.keys(EFFECTS).filter((name): name is Effect => name in EFFECTS);

/** The story of a seed. */
export function storyOf(seed: number): Story {
  const random = randomFrom(seed);
  const wild = random.pick([0, 0.1, 0.3]);
  const faulty = random.pick([0, 0.2, 0.6]);
  const steps: Step[] = [];
  const add = (line: Line) => {
    const [kind, ...words] = line.split(' ');
    const want = words.find((word) => !word.startsWith('!')) ?? null;
    const named = words.flatMap((word) => faultNamed(random, word) ?? []);
    const faults = named.length > 0 ? named : someFaults(random, faulty);
    if (isKind(kind)) steps.push({ kind, want, seed: random.below(2 ** 31), faults });
  };
  for (const line of random.pick(BACKBONES)) {
    if (random.chance(wild)) add(random.pick(ANYTHING));
    // Wild stories lose a step here and there.
    if (!random.chance(wild / 4)) add(line);
  }
  return { seed, steps };
}

const KINDS: ReadonlySet<string> = new Set<Step['kind']>([
  'audit',
  'blind-audit',
  'sweep',
  'warn-sweep',
  'dry-sweep',
  'sweeps',
  'sweep+click',
  'sweep+audit',
  'click',
  'double-click',
  'forged-click',
  'wait',
  'world',
  'config',
  'slack',
]);

function isKind(text: string | undefined): text is Step['kind'] {
  return text !== undefined && KINDS.has(text);
}

/** `!cloud.apply:refused`; `!cloud.apply:any` for any of its faults. */
function faultNamed(random: Random, word: string): Fault | null {
  const [, name, how] = /^!([a-z.]+):([a-z-]+)$/i.exec(word) ?? [];
  const effect = EFFECT_NAMES.find((each) => each === name);
  if (effect === undefined) return null;
  const kind = how === 'any' ? random.any(EFFECTS[effect]) : FAULTS.find((each) => each === how);
  return kind === undefined || kind === null ? null : { effect, kind, nth: 0 };
}

/** Effects that few steps have: a fault at them would seldom be met. */
const SELDOM: readonly Effect[] = [
  'cloud.apply',
  'cloud.undo',
  'cloud.verify',
  'slack.deliver',
  'slack.reply',
  'slack.update',
  'slack.lookup',
  'ledger.release',
];

function someFaults(random: Random, p: number): Fault[] {
  if (!random.chance(p)) return [];
  const effect = random.any(random.chance(0.5) ? SELDOM : EFFECT_NAMES) ?? 'ledger.put';
  const kind = random.any(EFFECTS[effect]) ?? 'error-before';
  return [{ effect, kind, nth: random.pick([0, 0, 0, 1, 2, 5]) }];
}

/** One line of a told story. */
export function tell({ kind, want, faults }: Step): string {
  const broken = faults.map(({ effect, kind: how, nth }) => `${how} at ${effect} ${nth + 1}`).join(', ');
  return `${kind}${want === null ? '' : ` ${want}`}${broken === '' ? '' : ` [${broken}]`}`;
}
