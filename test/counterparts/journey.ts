import type { TestProject } from 'vitest/node';
import { startDynamoDb } from './dynamodb.ts';
import { startGcp } from './gcp.ts';
import { startMoto } from './moto.ts';
import { startPostgres } from './pglite.ts';
import { startSlack } from './slack.ts';

/** Everything that a whole story needs at once; where one does not start, those that did are stopped. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
  async function started<T extends { stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> {
    const running = await starting;
    stops.push(running.stop);
    return running;
  }
  const all = [
    started(startMoto()).then((moto) => project.provide('motoUrl', moto.url)),
    started(startDynamoDb()).then((dynamodb) => project.provide('dynamodbUrl', dynamodb.url)),
    started(startPostgres()).then((postgres) => project.provide('postgresUrl', postgres.url)),
    started(startGcp()).then((gcp) => project.provide('gcpUrl', gcp.url)),
    started(startSlack()).then((slack) => project.provide('slack', slack.access)),
  ];
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stopAll();
    throw failed.reason;
  }
  return stopAll;
}
