import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { assembleSlack } from '../lib/run/assemble/slack-deployed.ts';
import { respond } from '../lib/run/respond/index.ts';

/** What was opened is opened anew after so long: a secret that was replaced holds from then on. */
const FRESH_MS = 600_000;

let opened: ReturnType<typeof assembleSlack> | null = null;
let openedAt = 0;

/** From Slack, over the function's URL: clicks, forms, commands and events. It can stop nothing. */
export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const now = performance.now();
  if (now - openedAt >= FRESH_MS) opened = null;
  if (opened === null) openedAt = now;
  // What failed to open is opened anew by the next request.
  opened ??= assembleSlack().catch((error: unknown) => {
    opened = null;
    throw error;
  });
  const { status, contentType, body } = await respond(await opened, {
    method: event.requestContext.http.method,
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  });
  return { statusCode: status, headers: { 'content-type': contentType }, body };
}
