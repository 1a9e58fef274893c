import type { TestProject } from 'vitest/node';
import { mavenLib } from './maven.ts';
import { answers, freePort, launch, type Running } from './server.ts';

/** DynamoDB as AWS ships it for local use, with transactions and their cancellation reasons. */
export async function installDynamoDb(): Promise<string> {
  return await mavenLib('dynamodb-local', {
    group: 'com.amazonaws',
    id: 'DynamoDBLocal',
    version: '2.6.1',
    sha256: 'a28d8b4919999b7dee6ffa9fd4e9a08744460657a9bd3e3499e3aad00e1f2cc4',
  });
}

export async function startDynamoDb(): Promise<Running & { readonly url: string }> {
  const lib = await installDynamoDb();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const running = await launch({
    name: `dynamodb-${port}`,
    command: 'java',
    args: [
      '-Xmx256m',
      // It runs for a minute or two: compiling for speed, and several collectors of garbage, cost more than they save.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      `-Djava.library.path=${lib}`,
      '-cp',
      `${lib}/*`,
      main,
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    ready: () => answers(url),
  });
  return { ...running, url };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dynamodb = await startDynamoDb();
  project.provide('dynamodbUrl', dynamodb.url);
  return dynamodb.stop;
}
