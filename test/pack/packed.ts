import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../counterparts/install.ts';
import { ROOT } from '../infra/cdk.ts';

/** The package as npm would publish it, installed into a project that has nothing else. */
export interface Packed {
  readonly tarball: string;
  /** The project of whoever installs it. */
  readonly project: string;
  /** Where npm put the package. */
  readonly installed: string;
  readonly remove: () => Promise<void>;
}

/**
 * How npm reaches its registry from this machine. Where it has a certificate of its own and npm is not told, each request
 * is tried thrice in 70 s before npm takes what it has stored.
 */
const NETWORK =
  /^(npm_config_(registry|cafile)|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(file|dir))$/i;

/** Environment of someone who has this Node.js and no credentials; what Bursar keeps goes to `cache`. */
export function own(cache: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name))),
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    XDG_CACHE_HOME: cache,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...more,
  };
}

/** Packs with the build that publishing runs. */
export async function packed(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-pack-'));
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "name": "own", "private": true }\n');
  await run('npm', ['pack', ROOT, '--pack-destination', folder, '--loglevel=error'], { cwd: folder });
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  if (file === undefined) throw new Error('npm pack made no package');
  const tarball = join(folder, file);
  await install(project, tarball);
  return {
    tarball,
    project,
    installed: join(project, 'node_modules/bursar'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function install(project: string, ...packages: readonly string[]): Promise<void> {
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...packages, ...quietly], { cwd: project });
}
