import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { freePort } from './server.ts';

// A process of its own: the WebAssembly memory goes with it, and a stuck query cannot stop the tests' clock.
const db = await PGlite.create({ extensions: { vector } });
const port = await freePort();
const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 16 });
await server.start();
process.send?.(port);
process.on('disconnect', () => process.exit(0));
