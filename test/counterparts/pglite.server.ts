import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import packages from '../../package.json' with { type: 'json' };
import { install } from './install.ts';
import { freePort } from './server.ts';

const EMPTY = 'empty.tar';

/** What initdb makes, which is most of the work of a start: kept, and read by each later one. */
async function empty(): Promise<Blob> {
  const folder = await install({
    name: 'pglite',
    spec: [`@electric-sql/pglite==${packages.devDependencies['@electric-sql/pglite']}`],
    build: async (target) => {
      const made = await PGlite.create();
      const dump = await made.dumpDataDir('none');
      await made.close();
      await writeFile(join(target, EMPTY), dump.stream());
    },
  });
  return new Blob([await readFile(join(folder, EMPTY))]);
}

// A process of its own: the WebAssembly memory goes with it, and a stuck query cannot stop the tests' clock.
const db = await PGlite.create({ extensions: { vector }, loadDataDir: await empty() });
const port = await freePort();
const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 16 });
await server.start();
process.send?.(port);
process.on('disconnect', () => process.exit(0));
