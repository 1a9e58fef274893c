import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { install, run } from './install.ts';
import { freePort, launch, type Running } from './server.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const SERVER = {
  artifact: 'io.trino:trino-server-core:476:tar.gz',
  file: 'trino-server-core-476.tar.gz',
  sha256: '0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158',
} as const;
const HIVE = {
  artifact: 'io.trino:trino-hive:476:zip',
  file: 'trino-hive-476.zip',
  sha256: '611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e',
} as const;
/** Trino 476 asks for Java 24 (Trino documentation, release 476 "Requirements"; older ones end at once). */
const LEAST_JAVA = 24;

/** A `java` of this version or newer: that of JAVA_HOME, of PATH, or one where Linux distributions put them; null: none. */
export async function newJava(least: number = LEAST_JAVA): Promise<string | null> {
  const home = process.env['JAVA_HOME'];
  const homes = await readdir('/usr/lib/jvm').then(
    (names) => names.map((name) => join('/usr/lib/jvm', name)),
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const places = [
    ...(home === undefined ? [] : [join(home, 'bin/java')]),
    'java',
    ...homes.map((place) => join(place, 'bin/java')),
  ];
  for (const java of places) if ((await majorOf(java)) >= least) return java;
  return null;
}

async function majorOf(java: string): Promise<number> {
  // Some folders of /usr/lib/jvm hold no java: such a place is just not it.
  const told = await run(java, ['-XshowSettings:properties', '--version']).catch(() => '');
  return Number(/(?:openjdk|java) (\d+)/i.exec(told)?.[1] ?? 0);
}

/** The folder of a Trino server with the Hive connector alone: it reads Parquet from local disk. */
export async function installTrino(): Promise<string> {
  return await install({
    name: 'trino',
    spec: [SERVER.artifact, SERVER.sha256, HIVE.artifact, HIVE.sha256, COPY],
    build: async (target) => {
      for (const { artifact, file, sha256 } of [SERVER, HIVE]) {
        // -C: an artifact whose checksum differs is an error, not a warning.
        await run('mvn', ['-C', '-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`]);
        const came = createHash('sha256')
          .update(await readFile(join(target, file)))
          .digest('hex');
        if (came !== sha256) throw new Error(`${file} is not the pinned one: SHA-256 ${came}`);
      }
      await run('tar', ['-xzf', SERVER.file], { cwd: target });
      await rename(join(target, 'trino-server-core-476'), join(target, 'server'));
      await mkdir(join(target, 'plugin'));
      // `jar` unpacks zip files wherever there is a JDK; Python's module does where there is none.
      await run('python3', ['-m', 'zipfile', '-e', HIVE.file, 'plugin'], { cwd: target });
      for (const { file } of [SERVER, HIVE]) await rm(join(target, file));
    },
  });
}

export interface Trino extends Running {
  readonly url: string;
  /** Its tables' files lie under here: `local:///x` is `folder/x`. */
  readonly folder: string;
}

export async function startTrino(): Promise<Trino> {
  const java = await newJava();
  if (java === null) throw new Error(`no Java ${LEAST_JAVA} or newer on this machine`);
  const home = await installTrino();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const root = await mkdtemp(join(tmpdir(), 'bursar-trino-'));
  const folder = join(root, 'files');
  const etc = join(root, 'etc');
  await mkdir(join(etc, 'catalog'), { recursive: true });
  await mkdir(folder);
  await writeFile(
    join(etc, 'config.properties'),
    lines({
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': String(port),
      'discovery.uri': url,
      'query.max-memory': '400MB',
      'query.max-memory-per-node': '400MB',
      'catalog.config-dir': join(etc, 'catalog'),
      'plugin.dir': join(home, 'plugin'),
      'node.environment': 'test',
      'node.id': `bursar-${port}`,
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
    }),
  );
  await writeFile(
    join(etc, 'catalog', 'bills.properties'),
    lines({
      'connector.name': 'hive',
      'hive.metastore': 'file',
      'hive.metastore.catalog.dir': 'local:///meta',
      'fs.native-local.enabled': 'true',
      'local.location': folder,
    }),
  );
  const running = await launch({
    name: `trino-${port}`,
    command: java,
    args: [
      '-Xmx1G',
      // It runs for a minute or two: compiling for speed, and several collectors of garbage, cost more than they save.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '--add-modules=jdk.incubator.vector',
      '-Djdk.attach.allowAttachSelf=true',
      '-Dfile.encoding=UTF-8',
      `-Dnode.data-dir=${join(root, 'data')}`,
      `-Dconfig=${join(etc, 'config.properties')}`,
      '-cp',
      `${home}/server/lib/*`,
      'io.trino.server.TrinoServer',
    ],
    cwd: root,
    ready: async () => {
      const response = await fetch(`${url}/v1/info`, { signal: AbortSignal.timeout(2_000) });
      return (await response.text()).includes('"starting":false');
    },
    patienceMs: 180_000,
  });
  const stop = async () => {
    await running.stop();
    await rm(root, { recursive: true, force: true });
  };
  return { ...running, url, folder, stop };
}

const lines = (properties: Readonly<Record<string, string>>) =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const trino = await startTrino();
  project.provide('trino', { url: trino.url, folder: trino.folder });
  return trino.stop;
}
