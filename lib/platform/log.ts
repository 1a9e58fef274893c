import { redact } from '../config/secrets.ts';
import { BursarError } from './errors.ts';
import type { Permission } from './permissions.ts';
import type { Progress } from './progress.ts';

/**
 * One JSON object a line, as CloudWatch Logs Insights reads them. Never given bodies or tokens; what looks like a secret
 * all the same, or is one that this process has read, is hidden.
 */
export interface Log {
  info(message: string, more?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown, more?: Readonly<Record<string, unknown>>): void;
}

/** What a log is told beside its lines. */
export interface LogSettings {
  /** On every line. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** On every line, asked anew for each. */
  readonly each?: () => Readonly<Record<string, unknown>>;
  /** Texts that no line may hold, asked anew for each. */
  readonly secrets?: () => Iterable<string>;
}

/**
 * A line longer than 1 MB would be cut in two, and neither half is JSON (Amazon CloudWatch Logs API Reference,
 * InputLogEvent): lists and texts are shortened before.
 */
const MOST_ENTRIES = 50;
const MOST_CHARACTERS = 4000;
/** What is shorter is no secret, and would be found in the middle of words. */
const LEAST_SECRET = 4;

/** A log that writes lines with `write` and takes its time from `clock`. */
export function jsonLog(
  write: (line: string) => void,
  clock: () => Date,
  { base = {}, each = () => ({}), secrets = () => [] }: LogSettings = {},
): Log {
  const line = (level: string, message: string, more: object) => {
    const hide = hiding(secrets());
    const fields = { level, time: clock().toISOString(), message, ...base, ...each(), ...more };
    write(JSON.stringify(fields, (_key, value: unknown) => fit(value, hide)));
  };
  return {
    info: (message, more = {}) => line('info', message, more),
    error: (message, error, more = {}) => line('error', message, { error: described(error), ...more }),
  };
}

/** Takes known secrets out of a text, the longest first since one may hold another, then what looks like one. */
function hiding(secrets: Iterable<string>): (text: string) => string {
  const known = [...new Set(secrets)]
    .filter(({ length }) => length >= LEAST_SECRET)
    .toSorted((a, b) => b.length - a.length);
  return (text) => redact(known.reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text));
}

function fit(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') {
    const shown = hide(value);
    return shown.length <= MOST_CHARACTERS
      ? shown
      : `${shown.slice(0, MOST_CHARACTERS)} ... ${shown.length - MOST_CHARACTERS} characters more`;
  }
  if (!Array.isArray(value) || value.length <= MOST_ENTRIES) return value;
  const all: readonly unknown[] = value;
  return [...all.slice(0, MOST_ENTRIES), `${all.length - MOST_ENTRIES} more`];
}

/** What a person can act on, without its stack; a defect with it. */
function described(error: unknown): unknown {
  if (error instanceof BursarError) {
    const { code, message, where, hint } = error;
    return { code, message, where, hint };
  }
  if (!(error instanceof Error)) return String(error);
  return { name: error.name, message: error.message, stack: error.stack };
}

/** Progress as log lines: only what stays, since nobody watches. */
export function loggedProgress(log: Log): Progress {
  return { step: () => undefined, warn: (line) => log.info(line) };
}

/** What a function needs to write to a log group that exists. */
export function logPermissions(logGroupArn: string): Permission[] {
  const resources = [logGroupArn];
  return [
    { cloud: 'aws', action: 'logs:CreateLogStream', resources, why: 'opens its log' },
    { cloud: 'aws', action: 'logs:PutLogEvents', resources, why: 'writes its log' },
  ];
}
