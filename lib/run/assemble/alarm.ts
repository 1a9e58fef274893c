import { alarmAnnouncement } from '../alarm.ts';
import { invocation, once, openDeployed } from './deployed.ts';
import { slackOut } from './slack.ts';

export interface Alarms {
  /** @param messages as SNS hands them over. */
  run(messages: readonly string[]): Promise<{ posted: number }>;
}

/** Says in the channel of the digest that something of Bursar itself fails. What Slack does not take is thrown, and tried again. */
export const assembleAlarm = once(async (): Promise<Alarms> => {
  const deployed = await openDeployed('alarm');
  const { config, ledger } = deployed;
  return {
    run: (messages) =>
      invocation(deployed, 'alarms told', async () => {
        const { poster, channel } = await slackOut(config, ledger);
        let posted = 0;
        for (const message of messages) {
          const { outcome } = await poster.post(alarmAnnouncement(message), channel);
          if (outcome === 'posted') posted += 1;
        }
        return { posted };
      }),
  };
});
