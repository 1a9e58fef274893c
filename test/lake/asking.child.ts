import { join } from 'node:path';
import { queryApart } from '../../lib/lake/engine/query-process.ts';

// A process that asks for what takes for ever, until somebody ends it; with a folder for what it
// spills: see query-process.long.test.ts.
await queryApart({
  sql: 'SELECT COUNT(*) AS n FROM range(10000000) a, range(10000000) b',
  view: 'SELECT 1 AS BilledCost',
  paths: [],
  tempDir: join(process.argv[2] ?? '.', 'spill'),
  limits: { memoryMiB: 512, seconds: 120, rows: 10 },
});
