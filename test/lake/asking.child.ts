import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryApart } from '../../lib/lake/engine/query-process.ts';

// A process that asks for what takes for ever, until somebody ends it: see query-process.long.test.ts.
await queryApart({
  sql: 'SELECT COUNT(*) AS n FROM range(10000000) a, range(10000000) b',
  view: 'SELECT 1 AS BilledCost',
  paths: [],
  tempDir: join(mkdtempSync(join(tmpdir(), 'bursar-asking-')), 'spill'),
  limits: { memoryMiB: 512, seconds: 120, rows: 10 },
});
