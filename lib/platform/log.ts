import { BursarError } from './errors.ts';
import type { Permission } from './permissions.ts';
import type { Progress } from './progress.ts';

/** One JSON object a line, as CloudWatch Logs Insights reads them. Never given secrets, bodies or tokens. */
export interface Log {
  info(message: string, more?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown, more?: Readonly<Record<string, unknown>>): void;
}

/** A log that writes lines with `write` and takes its time from `clock`. */
export function jsonLog(
  write: (line: string) => void,
  clock: () => Date,
  base: Readonly<Record<string, unknown>> = {},
): Log {
  const line = (level: string, message: string, more: object) =>
    write(JSON.stringify({ level, time: clock().toISOString(), message, ...base, ...more }));
  return {
    info: (message, more = {}) => line('info', message, more),
    error: (message, error, more = {}) => line('error', message, { error: described(error), ...more }),
  };
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
