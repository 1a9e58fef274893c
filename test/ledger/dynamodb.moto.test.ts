import { inject } from 'vitest';
import { contract } from './contract.ts';
import { dynamoBench } from './dynamodb-bench.ts';

contract('dynamodb on moto', () => dynamoBench(inject('motoUrl'), 300));
