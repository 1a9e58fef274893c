import { connectPostgres } from '../../../lib/run/assemble/postgres-client.ts';
import { rdsLogin } from '../../../lib/run/assemble/rds-login.ts';

/** Logs in to the port given, in a process of its own: Node reads NODE_EXTRA_CA_CERTS as it starts. */
const login = await rdsLogin(
  {
    type: 'rds-iam',
    host: 'localhost',
    port: Number(process.argv[2]),
    database: 'vectors',
    user: 'bursar',
    region: 'eu-central-1',
  },
  'docs',
);
const client = await connectPostgres(login, 'store:docs');
await client.end();
