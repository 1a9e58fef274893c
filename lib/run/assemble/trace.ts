/**
 * What joins the lines of one invocation, and those of what it called: Lambda sets it anew for each, with or without
 * traces (AWS Lambda Developer Guide, "Defined runtime environment variables": _X_AMZN_TRACE_ID).
 */
export function ofInvocation(): { trace?: string } {
  const trace = /Root=([^;]+)/.exec(process.env['_X_AMZN_TRACE_ID'] ?? '')?.[1];
  return trace === undefined ? {} : { trace };
}
