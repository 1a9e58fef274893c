import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { selfSigned } from '../../estate/self-signed.ts';

export interface PostgresStandIn extends AsyncDisposable {
  readonly port: number;
  /** The certificate that nobody vouches for. */
  readonly cert: string;
  /** User, database and password of those who logged in, in order. */
  readonly logins: { readonly user: string; readonly database: string; readonly password: string }[];
}

/**
 * The part of PostgreSQL's protocol that comes before the first query (PostgreSQL documentation, "Message Flow"):
 * TLS on request, and a password in clear inside of it, as RDS takes a token of IAM. Who asks without TLS is refused.
 */
export async function postgresStandIn({ refuse = false } = {}): Promise<PostgresStandIn> {
  const { key, cert } = selfSigned();
  const logins: PostgresStandIn['logins'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
    socket.once('data', (request) => {
      // SSLRequest: its length, 8, and the code 80877103.
      if (request.length !== 8 || request.readInt32BE(4) !== 80_877_103) {
        socket.end(message('E', 'SFATAL\0C28000\0Mno pg_hba.conf entry, no encryption\0\0'));
        return;
      }
      socket.write('S');
      const secured = new TLSSocket(socket, { isServer: true, key, cert });
      secured.on('error', () => undefined);
      secured.once('data', (startup) => {
        const told = startup.subarray(8).toString().split('\0');
        secured.write(message('R', Buffer.from([0, 0, 0, 3])));
        secured.once('data', (given) => {
          const password = given.subarray(5, -1).toString();
          logins.push({ user: valueOf(told, 'user'), database: valueOf(told, 'database'), password });
          if (refuse) secured.end(message('E', 'SFATAL\0C28000\0MPAM authentication failed for user\0\0'));
          else secured.write(Buffer.concat([message('R', Buffer.from([0, 0, 0, 0])), message('Z', 'I')]));
        });
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  return {
    port: address.port,
    cert,
    logins,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function message(type: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

function valueOf(told: readonly string[], name: string): string {
  return told[told.indexOf(name) + 1] ?? '';
}
