import { BursarError } from '../../platform/errors.ts';

/** SQLSTATE of a failed statement, Node's code of a failed connection, or an empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Is the connection itself gone, so that nothing more can be asked? Class 08, 57P01 to 57P05, or Node's own words. */
export function isLost(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  return (
    /^(08|57P0[1-5])|^E[A-Z]+$/.test(codeOf(error)) ||
    /connection (terminated|ended|error)|not queryable|client was closed/i.test(message)
  );
}

/** SQLSTATE classes as in "PostgreSQL Error Codes", Appendix A; the rest is Node's word for a lost connection. */
export function pgError(error: unknown, where: string, seconds: number): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const more = { where, cause: error };
  if (code === '42501')
    return new BursarError('denied', `the database denies it: ${message}`, {
      ...more,
      hint: 'Grant the login the role pg_read_all_stats.',
    });
  if (code.startsWith('28'))
    return new BursarError('credentials', `the database refuses the login: ${message}`, more);
  if (code === '57014') return new BursarError('unavailable', `a statement took over ${seconds} s`, more);
  if (code.startsWith('53') || isLost(error))
    return new BursarError('unavailable', `the database does not answer: ${message}`, {
      ...more,
      hint: 'Check its address and that this network may reach it.',
    });
  return error;
}
