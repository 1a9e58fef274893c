import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { BursarError } from '../../platform/errors.ts';
import { postgresAddress } from './postgres-address.ts';

const CONNECT_TIMEOUT = 10_000;

/**
 * Where Lambda keeps the certificate authorities of Amazon, those of RDS among them. Its runtimes from Node.js 20 on
 * do not load them unasked, and Node itself trusts none of RDS (AWS Compute Blog, "Node.js 20.x runtime now available
 * in AWS Lambda", "Root CA certificate loading").
 */
const LAMBDA_AUTHORITIES = '/var/runtime/ca-cert.pem';

/** Who is to be connected to. */
export type PostgresLogin =
  | { readonly url: URL }
  | {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      readonly password: string;
    };

/**
 * An open connection, over TLS with a verified certificate unless the address says otherwise (`sslmode`) or never
 * leaves this machine.
 * @throws BursarError credentials, unavailable; never with the address, which may hold a password
 */
export async function connectPostgres(login: PostgresLogin, where: string): Promise<Client> {
  const client = new Client({
    ...settingsOf(login, where),
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    application_name: 'bursar',
  });
  // A connection that breaks while nobody waits for an answer must not end the process: the next query tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw refused(error, where);
  }
}

function settingsOf(login: PostgresLogin, where: string): ClientConfig {
  if (!('url' in login)) return { ...login, ssl: verified() };
  const { tls } = postgresAddress(login.url, where);
  // Certificates of its own are read by the client.
  if (tls === 'own') return { connectionString: login.url.href };
  const url = new URL(login.url);
  // What the address says of TLS would take the place of what is given beside it.
  for (const key of ['ssl', 'sslmode', 'uselibpqcompat']) url.searchParams.delete(key);
  const ssl = { verified: verified(), unverified: { rejectUnauthorized: false }, none: false, local: false }[
    tls
  ];
  return { connectionString: url.href, ssl };
}

function verified(): NonNullable<ClientConfig['ssl']> {
  const authorities = existsSync(LAMBDA_AUTHORITIES)
    ? { ca: [...rootCertificates, readFileSync(LAMBDA_AUTHORITIES, 'utf8')] }
    : {};
  return { rejectUnauthorized: true, ...authorities };
}

/** What OpenSSL and Node call a certificate that is not trusted (Node.js documentation, "X509 certificate error codes"). */
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

function refused(error: unknown, where: string): BursarError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (UNTRUSTED.test(code))
    return new BursarError('unavailable', `the certificate of the server is not trusted: ${message}`, {
      where,
      hint: 'Give Node the authority that signed it in a file named by NODE_EXTRA_CA_CERTS; for RDS that is https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.',
      cause: error,
    });
  // Class 28 of PostgreSQL's "Error Codes": invalid authorization specification.
  if (code.startsWith('28'))
    return new BursarError('credentials', `the database refuses the login: ${message}`, {
      where,
      hint: 'Check user and password; with AWS IAM, that the user was granted rds_iam, that IAM authentication is on, and that rds-db:connect is allowed.',
      cause: error,
    });
  return new BursarError('unavailable', `cannot connect: ${message}`, {
    where,
    hint: 'Check the address, the login and that the network lets this machine in.',
    cause: error,
  });
}
