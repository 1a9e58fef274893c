import { createServer, type Server, type Socket } from 'node:net';

export interface Outage {
  readonly url: string;
  /** Connections that were made. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** A port at which nobody listens: every connection is refused. */
export async function refusing(): Promise<string> {
  const server = createServer();
  const url = await listening(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return url;
}

/** A server that takes every call and never answers. */
export async function silent(): Promise<Outage> {
  const open = new Set<Socket>();
  let made = 0;
  const server = createServer((socket) => {
    made += 1;
    open.add(socket);
    socket.resume();
    // Who gave up resets the connection.
    socket.on('error', () => open.delete(socket));
    socket.on('close', () => open.delete(socket));
  });
  const url = await listening(server);
  return {
    url,
    connections: () => made,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return `http://127.0.0.1:${address.port}`;
}
