import { inject } from 'vitest';
import { documents, dynamoBench } from '../dynamodb-bench.ts';
import { alertContract } from './contract.ts';

alertContract('dynamodb local', () =>
  dynamoBench([documents(inject('dynamodbUrl')), documents(inject('dynamodbUrl'))], 10),
);
