import { z } from 'zod';
import { context, cut, escape, paragraph } from '../notices/blocks.ts';
import type { Announcement } from '../notices/model.ts';
import { BursarError } from '../platform/errors.ts';

/**
 * What CloudWatch sends to a topic when an alarm changes its state (Amazon CloudWatch User Guide, "Notifying users on
 * alarm changes"), as far as it is told on.
 */
const StateChange = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string(),
  StateChangeTime: z.string(),
  Region: z.string().nullish(),
  AWSAccountId: z.string().nullish(),
});

const WORDS = { ALARM: 'Alarm', OK: 'Back to normal', INSUFFICIENT_DATA: 'No data' } as const;

/**
 * An alarm as it is said in Slack, the same however often it is delivered.
 * @param message as SNS hands it over: JSON of CloudWatch.
 * @throws BursarError `input` where it is no alarm of CloudWatch
 */
export function alarmAnnouncement(message: string): Announcement {
  const change = StateChange.safeParse(json(message));
  if (!change.success)
    throw new BursarError('input', 'a message of the topic is no alarm of CloudWatch', {
      where: 'the topic of alarms',
      cause: change.error,
    });
  const {
    AlarmName: name,
    AlarmDescription: description,
    NewStateValue: state,
    NewStateReason: reason,
    StateChangeTime: at,
    Region: region,
    AWSAccountId: account,
  } = change.data;
  const text = `${WORDS[state]}: ${description || name}`;
  const where = [name, account, region].filter((part) => part != null && part !== '').join(' · ');
  return {
    id: `alarm/${name}/${at}/${state}`,
    // `text` is read as mrkdwn, and Slack refuses an element without text.
    message: {
      text: escape(cut(text, 2900)),
      blocks: [paragraph(text), context([reason, where].filter((line) => line.trim() !== ''))],
    },
    thread: [],
  };
}

function json(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
