import type { SNSEvent } from 'aws-lambda';
import { assembleAlarm } from '../lib/run/assemble/alarm.ts';

/** From the topic of alarms: tells them in Slack, each once. */
export async function handler(event: SNSEvent): Promise<{ posted: number }> {
  return (await assembleAlarm()).run(event.Records.map(({ Sns }) => Sns.Message));
}
