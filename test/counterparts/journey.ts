import type { TestProject } from 'vitest/node';
import { startDynamoDb } from './dynamodb.ts';
import { startGcp } from './gcp.ts';
import { startMoto } from './moto.ts';
import { startPostgres } from './pglite.ts';
import { type Stop, startAll } from './server.ts';
import { startSlack } from './slack.ts';

/** Everything that a whole story needs at once. */
export default async function setup(project: TestProject): Promise<Stop> {
  return await startAll([
    async () => {
      const moto = await startMoto();
      project.provide('motoUrl', moto.url);
      return moto.stop;
    },
    async () => {
      const dynamodb = await startDynamoDb();
      project.provide('dynamodbUrl', dynamodb.url);
      return dynamodb.stop;
    },
    async () => {
      const postgres = await startPostgres();
      project.provide('postgresUrl', postgres.url);
      return postgres.stop;
    },
    async () => {
      const gcp = await startGcp();
      project.provide('gcpUrl', gcp.url);
      return gcp.stop;
    },
    async () => {
      const slack = await startSlack();
      project.provide('slack', slack.access);
      return slack.stop;
    },
  ]);
}
