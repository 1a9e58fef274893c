import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

/**
 * Lines that hold this, in the logs of functions of a stack of MiniStack, which names the groups.
 * @param name how the functions' ids begin; empty: all
 */
export async function logged(
  logs: CloudWatchLogsClient,
  stack: string,
  name: string,
  text: string,
): Promise<string[]> {
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/cloudformation/${stack}/${name}` }),
  );
  const found = await Promise.all(
    logGroups.map(async ({ logGroupName }) => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      return events.flatMap(({ message = '' }) => (message.includes(text) ? [message.trim()] : []));
    }),
  );
  return found.flat();
}
