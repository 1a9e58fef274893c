/**
 * `npm run load [-- --accounts N --workers N --log FILE]`: an organisation of 500 accounts in 17 regions through the queue and the
 * handlers, with faults, against an emulator of this machine; prints what became of it. Ends with 1 where anything was
 * lost or done twice.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startDynamoDb } from '../counterparts/dynamodb.ts';
import { startMoto } from '../counterparts/moto.ts';
import { runLoad } from './load.ts';
import { judge } from './verdict.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '500' },
    workers: { type: 'string', default: '5' },
    log: { type: 'string' },
  },
});
const moto = await startMoto();
const dynamodb = await startDynamoDb();
try {
  const result = await runLoad({
    emulator: moto.url,
    dynamodb: dynamodb.url,
    accounts: Number(values.accounts),
    workers: Number(values.workers),
    say: (line) => process.stderr.write(`load: ${line}\n`),
  });
  if (values.log !== undefined) await writeFile(values.log, result.log.join(''));
  const { lines, faults } = judge(result);
  process.stdout.write(
    `${availableParallelism()} cores, Node ${process.versions.node}\n\n${lines.join('\n')}\n`,
  );
  for (const fault of faults) process.stdout.write(`FAULT: ${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await dynamodb.stop();
  await moto.stop();
}
