import { CALLS_DAYS, type ModelCalls } from '../estate/model-calls.ts';
import { ACCOUNTS } from './cast.ts';
import { dayStart } from './names.ts';

/** Requests of a working day, and of the others, to the assistant that answers customers. */
const REQUESTS = 60_000;
const AT_REST = 27_000;
/** Of each request of the assistant: with its price a million tokens, what its bill charges a day. */
const TOKENS = { input: 1_960, output: 240, cachedInput: 420, cacheWrite: 35 } as const;
/** Requests a day to the model that came this month, which counts no tokens. */
const NEW = { model: 'example.video-v1:0', requests: 37, sinceDaysAgo: 9 } as const;

/** Calls of models as a look `ago` days before `now` counts them in an account and region. */
export function callsSeen(
  now: Date,
  ago: number,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): ModelCalls[] {
  if (accountId !== ACCOUNTS.product.id || region !== 'us-east-1') return [];
  const days = Array.from({ length: CALLS_DAYS }, (_, at) => ago + CALLS_DAYS - at);
  return days.flatMap((before) => {
    const start = dayStart(now, before);
    const day = start.toISOString().slice(0, 10);
    const restDay = start.getUTCDay() === 0 || start.getUTCDay() === 6;
    // What is asked grows a little each day, as the bill does.
    const requests = Math.round((restDay ? AT_REST : REQUESTS) * (1 + 0.003 * (60 - before)));
    return [
      {
        day,
        model: 'example.chat-v1:0',
        requests,
        input: requests * TOKENS.input,
        output: requests * TOKENS.output,
        clientErrors: Math.round(requests / 250),
        serverErrors: null,
        throttles: Math.round(requests / 110),
        cachedInput: requests * TOKENS.cachedInput,
        cacheWrite: requests * TOKENS.cacheWrite,
      },
      ...(before > NEW.sinceDaysAgo ? [] : [silentOf(day, NEW.model, NEW.requests)]),
    ];
  });
}

/** A model of which requests alone are counted. */
function silentOf(day: string, model: string, requests: number): ModelCalls {
  return {
    day,
    model,
    requests,
    input: null,
    output: null,
    clientErrors: null,
    serverErrors: null,
    throttles: null,
    cachedInput: null,
    cacheWrite: null,
  };
}
