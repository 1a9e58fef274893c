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
    error: (message, error, more = {}) =>
      line('error', message, {
        error:
          error instanceof Error
            ? { name: error.name, message: error.message, stack: error.stack }
            : String(error),
        ...more,
      }),
  };
}

/** Progress as log lines: only what stays, since nobody watches. */
export function loggedProgress(log: Log): Progress {
  return { step: () => undefined, warn: (line) => log.info(line) };
}
