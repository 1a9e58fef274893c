import { BursarError } from '../../platform/errors.ts';

/**
 * What becomes of TLS: `verified`; `own`: by certificates that the address names; `local`: none, since the connection
 * never leaves this machine; `none` and `unverified`: as the address itself asks for it.
 */
export type PostgresTls = 'verified' | 'own' | 'local' | 'none' | 'unverified';

/** Where a connection string leads. */
export interface PostgresAddress {
  /** Without the brackets of IPv6; a folder where it is a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: PostgresTls;
  /** What of the query says so: `sslmode=disable`; empty where nothing does. */
  readonly because: string;
}

/** Reads a connection string. Its error never shows the text: it holds a password. */
export function postgresUrl(text: string, where: string): URL {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new BursarError('config', 'the connection string is no postgres:// address', { where });
  return new URL(text);
}

/**
 * A connection string as the client reads it (pg-connection-string 2.x, README, "Usage"): `host` and `port` of the
 * query come before those of the address, and of a key that is named twice the last.
 * @throws BursarError (config) where it names no server, or asks for TLS in words that nobody knows; it never shows
 *   the text
 */
export function postgresAddress(url: URL, where: string): PostgresAddress {
  const said = sayingOf(url);
  const host = said('host') ?? decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1');
  if (host === '')
    throw new BursarError('config', 'the connection string names no server', {
      where,
      hint: 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
    });
  // libpq, "Connection Control Functions": without a database, the one that is called as the user is.
  const path = url.pathname.length > 1 ? url.pathname.slice(1) : (said('user') ?? url.username);
  return {
    host,
    port: Number(said('port') ?? (url.port || 5432)),
    database: decodeURIComponent(path),
    ...tlsOf(url, host, where),
  };
}

/** What the query says of a key, the last time that it names it; undefined where it says nothing. */
function sayingOf({ searchParams }: URL): (key: string) => string | undefined {
  return (key) => searchParams.getAll(key).at(-1) || undefined;
}

/** Keys of the query by which certificates are named. */
const CERTIFICATES = ['sslcert', 'sslkey', 'sslrootcert'];

function tlsOf(url: URL, host: string, where: string): Pick<PostgresAddress, 'tls' | 'because'> {
  const said = sayingOf(url);
  const [mode, ssl] = [said('sslmode'), said('ssl')];
  const named = CERTIFICATES.some((key) => said(key) !== undefined);
  // A mode, where there is one, decides alone (pg-connection-string).
  if (mode !== undefined) {
    // The names of libpq, "SSL Mode Descriptions"; without `uselibpqcompat` the client verifies in all of them.
    const lax =
      said('uselibpqcompat') === 'true' && !(mode === 'require' && said('sslrootcert') !== undefined);
    switch (mode) {
      case 'disable':
        return isLocal(host) ? { tls: 'local', because: '' } : asked('sslmode', mode, 'none');
      case 'no-verify':
        return asked('sslmode', mode, 'unverified');
      case 'prefer':
      case 'require':
        return lax ? asked('sslmode', mode, 'unverified') : { tls: named ? 'own' : 'verified', because: '' };
      case 'allow':
      case 'verify-ca':
      case 'verify-full':
        return { tls: named ? 'own' : 'verified', because: '' };
      default:
        throw unknown('sslmode', where);
    }
  }
  if (named) return { tls: 'own', because: '' };
  switch (ssl) {
    case undefined:
      return { tls: isLocal(host) ? 'local' : 'verified', because: '' };
    case 'true':
    case '1':
      return { tls: 'verified', because: '' };
    case 'false':
    case '0':
      return isLocal(host) ? { tls: 'local', because: '' } : asked('ssl', ssl, 'none');
    case 'no-verify':
      return asked('ssl', ssl, 'unverified');
    default:
      throw unknown('ssl', where);
  }
}

function asked(key: string, value: string, tls: PostgresTls): Pick<PostgresAddress, 'tls' | 'because'> {
  return { tls, because: `${key}=${value}` };
}

function unknown(key: string, where: string): BursarError {
  return new BursarError('config', `the connection string has a word for ${key} that is not known`, {
    where,
    hint: 'Leave it out: a connection is verified unless the address says sslmode=disable or sslmode=no-verify.',
  });
}

/** This machine, or a Unix socket on it. */
function isLocal(host: string): boolean {
  return ['127.0.0.1', 'localhost', '::1'].includes(host) || host.startsWith('/');
}
