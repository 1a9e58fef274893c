import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresAddress, postgresUrl } from '../../../lib/run/assemble/postgres-address.ts';
import { connectPostgres } from '../../../lib/run/assemble/postgres-client.ts';
import { postgresStandIn } from './postgres-stand-in.ts';

const read = (address: string) => postgresAddress(postgresUrl(address, 'store:docs'), 'store:docs');

describe('where a connection string leads', () => {
  test.each([
    ['postgres://ana:x@db.example/docs', 'db.example', 5432, 'docs'],
    ['postgresql://ana:x@db.example:6000', 'db.example', 6000, 'ana'],
    ['postgres://ana:x@db.example/docs%20one', 'db.example', 5432, 'docs one'],
    ['postgres://ana:x@[::1]:6000/docs', '::1', 6000, 'docs'],
    ['postgres://ana:x@127.0.0.1/docs?host=db.example&port=6000', 'db.example', 6000, 'docs'],
    ['postgres://ana:x@db.example/docs?host=a&host=b', 'b', 5432, 'docs'],
    ['postgres:///docs?host=/var/run/postgresql', '/var/run/postgresql', 5432, 'docs'],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/docs', '/var/run/postgresql', 5432, 'docs'],
  ])('%s', (address, host, port, database) => {
    expect(read(address)).toMatchObject({ host, port, database });
  });

  test.each(['postgres:///docs', 'postgres://ana:hunter2@/docs'])('%s names no server', (address) => {
    expect(() => read(address)).toThrow(/no server|no postgres:\/\//);
  });
});

describe('what becomes of TLS', () => {
  test.each([
    ['db.example/d', 'verified', ''],
    ['db.example/d?sslmode=require', 'verified', ''],
    ['db.example/d?sslmode=allow', 'verified', ''],
    ['db.example/d?ssl=true', 'verified', ''],
    ['db.example/d?ssl=1', 'verified', ''],
    ['db.example/d?sslmode=disable', 'none', 'sslmode=disable'],
    ['db.example/d?ssl=false', 'none', 'ssl=false'],
    ['db.example/d?ssl=0', 'none', 'ssl=0'],
    ['db.example/d?ssl=true&ssl=false', 'none', 'ssl=false'],
    ['db.example/d?ssl=true&sslmode=disable', 'none', 'sslmode=disable'],
    ['db.example/d?ssl=false&sslmode=verify-full', 'verified', ''],
    ['db.example/d?sslmode=no-verify', 'unverified', 'sslmode=no-verify'],
    ['db.example/d?ssl=no-verify', 'unverified', 'ssl=no-verify'],
    ['db.example/d?sslmode=require&uselibpqcompat=true', 'unverified', 'sslmode=require'],
    ['db.example/d?sslrootcert=ca.pem', 'own', ''],
    ['db.example/d?sslmode=require&uselibpqcompat=true&sslrootcert=ca.pem', 'own', ''],
    ['127.0.0.1/d', 'local', ''],
    ['localhost/d?sslmode=disable', 'local', ''],
    ['[::1]/d?ssl=false', 'local', ''],
    ['127.0.0.1/d?sslmode=verify-full', 'verified', ''],
    ['127.0.0.1/d?host=db.example', 'verified', ''],
    ['127.0.0.1/d?host=db.example&ssl=false', 'none', 'ssl=false'],
    ['db.example/d?host=localhost', 'local', ''],
    ['%2Fvar%2Frun%2Fpostgresql/d', 'local', ''],
  ])('postgres://ana:x@%s', (rest, tls, because) => {
    expect(read(`postgres://ana:x@${rest}`)).toMatchObject({ tls, because });
  });

  test.each(['sslmode=of', 'ssl=yes'])('%s is refused, and the text is not shown', (query) => {
    expect(() => read(`postgres://ana:hunter2@db.example/d?${query}`)).toThrow(/is not known/);
    expect(() => read(`postgres://ana:hunter2@db.example/d?${query}`)).not.toThrow(/hunter2/);
  });

  test('is what the client does', async () => {
    const server = await postgresStandIn();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const connected = async (query: string) => {
      const url = postgresUrl(`postgres://ana:x@127.0.0.1:${server.port}/d${query}`, 'store:docs');
      const client = await connectPostgres({ url }, 'store:docs');
      // The stand-in ends no connection by itself.
      client.end().catch(() => undefined);
    };
    await expect(connected('')).rejects.toThrow('no encryption');
    await expect(connected('?ssl=false')).rejects.toThrow('no encryption');
    await expect(connected('?ssl=true&sslmode=disable')).rejects.toThrow('no encryption');
    await expect(connected('?ssl=1')).rejects.toThrow('not trusted');
    await expect(connected('?sslmode=require')).rejects.toThrow('not trusted');
    expect(server.logins).toEqual([]);
    await connected('?ssl=no-verify');
    await connected('?sslmode=no-verify');
    expect(server.logins).toHaveLength(2);
  });
});
