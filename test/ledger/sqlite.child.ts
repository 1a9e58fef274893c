import { sqliteLedger } from '../../lib/ledger/sqlite.ts';
import { judgement, recordOf } from './fixtures.ts';

/** One of several processes on one ledger: counts a shared record up and writes records of its own. */
const [, , path = '', name = ''] = process.argv;
const store = sqliteLedger(path);
const shared = recordOf(judgement());
for (let done = 0; done < 20; ) {
  const version = (await store.get(shared.finding.id))?.version ?? 0;
  if ((await store.put({ ...shared, version: version + 1 }, version, null)) === 'written') done += 1;
}
const own = Array.from({ length: 50 }, (_, n) => recordOf(judgement({ resourceId: `${name}/${n}` })));
for (const record of own)
  if ((await store.put(record, 0, null)) !== 'written') throw new Error(`${record.finding.id} was there`);
await store.close();
