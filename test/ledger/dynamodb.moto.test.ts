import { inject } from 'vitest';
import { contract } from './contract.ts';
import { documents, dynamoBench } from './dynamodb-bench.ts';

// One socket for both stores: moto copies its tables for each transaction and answers 500 when another request
// changes them meanwhile.
contract('dynamodb on moto', () => {
  const client = documents(inject('motoUrl'), { requestHandler: { httpAgent: { maxSockets: 1 } } });
  return dynamoBench([client, client], 120);
});
