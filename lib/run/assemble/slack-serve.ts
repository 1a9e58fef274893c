import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { inertJson } from '../../digest/inert.ts';
import { sqliteLedger } from '../../ledger/sqlite.ts';
import { BursarError } from '../../platform/errors.ts';
import { jsonLog } from '../../platform/log.ts';
import { serveClicks } from '../respond/server.ts';
import { secretsRead } from './secrets.ts';
import { assembleRespond } from './slack-function.ts';

export interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** The click handler over the embedded ledger of `--state`, on a port of this machine alone. */
export async function assembleServe(
  { config: file, state }: { readonly config?: string; readonly state: string },
  port: number,
): Promise<Serving> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new BursarError('input', '--port is no port', { hint: 'Give a number from 0 to 65535.' });
  const config = await loadConfig(file ?? null, process.cwd());
  await mkdir(resolve(state), { recursive: true });
  const ledger = sqliteLedger(join(resolve(state), 'ledger.sqlite'));
  const log = jsonLog(
    (line) => process.stderr.write(`${inertJson(line)}\n`),
    () => new Date(),
    { base: { entry: 'slack' }, secrets: secretsRead },
  );
  const server = await serveClicks(await assembleRespond(config, ledger, log), port);
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${listening}/`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
      await ledger.close();
    },
  };
}
