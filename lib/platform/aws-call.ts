import { awsError } from './aws-errors.ts';
import { BursarError } from './errors.ts';
import type { Meter } from './meter.ts';

/**
 * One AWS call: counted with its price, and what it throws put into words.
 * @param action the IAM action, which is also its name in the audit's own cost.
 * @param where the scope's name, for the error.
 * @param usd what AWS charges for the call, decimal text.
 */
export async function awsCall<T>(
  { action, where, meter, usd = '0' }: { action: string; where: string; meter: Meter; usd?: string },
  send: () => Promise<T>,
): Promise<T> {
  meter.count(action, usd);
  try {
    return await send();
  } catch (error) {
    throw awsError(error, { action, where }) ?? error;
  }
}

/** Every page of a call that answers with a token; an empty token ends it, as a missing one does. */
export async function* awsPages<Page extends { NextToken?: string | undefined }>(
  call: { action: string; where: string; meter: Meter; usd?: string },
  send: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  let token: string | undefined;
  do {
    const asked = token;
    const page = await awsCall(call, () => send(asked));
    yield page;
    token = page.NextToken === '' ? undefined : page.NextToken;
    if (token !== undefined && token === asked)
      throw new BursarError('unavailable', `${call.action} gave the same page twice and would never end`, {
        where: call.where,
      });
  } while (token !== undefined);
}
