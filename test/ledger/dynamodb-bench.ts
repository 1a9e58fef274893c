import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { docKey, findingKey, LEDGER_TABLE } from '../../lib/ledger/dynamodb-table.ts';
import type { Bench } from './contract.ts';

export function documents(
  endpoint: string,
  more: Pick<DynamoDBClientConfig, 'maxAttempts' | 'requestHandler'> = {},
): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      ...more,
    }),
  );
}

/** Makes the table from the constant that the deployed one is made from. */
export async function createTable(client: DynamoDBDocumentClient, TableName: string): Promise<void> {
  const [due] = LEDGER_TABLE.indexes;
  const keys = ({
    partitionKey,
    sortKey,
  }: Pick<typeof due | typeof LEDGER_TABLE, 'partitionKey' | 'sortKey'>) => [
    { AttributeName: partitionKey.name, KeyType: 'HASH' as const },
    { AttributeName: sortKey.name, KeyType: 'RANGE' as const },
  ];
  const attributes = [LEDGER_TABLE.partitionKey, LEDGER_TABLE.sortKey, due.partitionKey, due.sortKey];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(LEDGER_TABLE),
      AttributeDefinitions: attributes.map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      GlobalSecondaryIndexes: [
        { IndexName: due.name, KeySchema: keys(due), Projection: { ProjectionType: due.projection } },
      ],
    }),
  );
}

/** A bench on a DynamoDB that these clients reach: a table of its own for each test. */
export async function dynamoBench(
  clients: readonly [DynamoDBDocumentClient, DynamoDBDocumentClient],
  many: number,
): Promise<Bench> {
  let table = '';
  let count = 0;
  const drop = async () => {
    if (table !== '') await clients[0].send(new DeleteTableCommand({ TableName: table }));
    table = '';
  };
  const raise = async (Key: { pk: string; sk: string }) => {
    await clients[0].send(
      new UpdateCommand({
        TableName: table,
        Key,
        UpdateExpression: 'SET schemaVersion = :newer',
        ExpressionAttributeValues: { ':newer': 3 },
      }),
    );
  };
  return {
    many,
    async open() {
      await drop();
      count += 1;
      table = `bursar-${process.pid}-${count}`;
      await createTable(clients[0], table);
      const [store, other] = clients.map((client) => dynamoLedger({ client, table }));
      if (store === undefined || other === undefined) throw new Error('two stores are made');
      return { store, other };
    },
    makeNewer: (id) => raise(findingKey(id)),
    makeNewerDoc: (key) => raise(docKey(key)),
    async close() {
      await drop();
      for (const client of clients) client.destroy();
    },
  };
}
