import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { awsCall } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import type { Examined } from './examined.ts';

/**
 * AWS takes a request within five minutes of its time (IAM User Guide, "AWS Signature Version 4 for API requests"), and
 * we a click of Slack (docs.slack.dev, "Verifying requests from Slack").
 */
const MOST_MS = 300_000;

/** This machine's clock against that of AWS, by the header Date of an answer, which is whole seconds. */
export async function examineClock(client: STSClient, clock: () => Date): Promise<Examined> {
  const what = 'clock';
  let told: string | null = null;
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      told = dateOf(answer.response) ?? told;
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'readDate', override: true },
  );
  await awsCall({ action: 'sts:GetCallerIdentity', where: 'aws', meter: new Meter() }, () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  const theirs = told === null ? Number.NaN : Date.parse(told);
  if (Number.isNaN(theirs))
    return { what, state: 'not tried', told: 'the answer of AWS had no date', todo: null };
  const apart = Math.round((clock().getTime() - theirs) / 1000);
  const side = apart < 0 ? 'behind' : 'ahead of';
  return Math.abs(apart) * 1000 <= MOST_MS
    ? { what, state: 'works', told: `this machine is ${Math.abs(apart)} s ${side} AWS`, todo: null }
    : {
        what,
        state: 'fails',
        told: `this machine is ${Math.abs(apart)} s ${side} AWS: its requests and clicks are refused`,
        todo: 'Let it take its time from NTP.',
      };
}

function dateOf(response: unknown): string | null {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return null;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null) return null;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'date')?.[1];
  return typeof found === 'string' ? found : null;
}
