import {
  CreateTableCommand,
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, inject, test } from 'vitest';

test('DynamoDB Local says why a transaction was cancelled', async () => {
  const client = new DynamoDBClient({
    endpoint: inject('dynamodbUrl'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'counterpart', secretAccessKey: 'test' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: 'counterpart',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const write = new TransactWriteItemsCommand({
    TransactItems: ['a', 'b'].map((pk) => ({
      Put: {
        TableName: 'counterpart',
        Item: { pk: { S: pk } },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    })),
  });
  await client.send(write);
  const error: unknown = await client.send(write).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TransactionCanceledException);
  expect(error).toMatchObject({
    CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'ConditionalCheckFailed' }],
  });
});
