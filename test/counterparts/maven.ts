import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, run } from './install.ts';

/** The plug-in that fetches, pinned like what it fetches. */
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export interface Artifact {
  readonly group: string;
  readonly id: string;
  readonly version: string;
  /** SHA-256 of the artifact's own jar; Maven checks the others against the repository's checksums. */
  readonly sha256: string;
}

/** True where both Java and Maven are there to be used. */
export async function hasMaven(): Promise<boolean> {
  const answers = await Promise.allSettled([run('java', ['-version']), run('mvn', ['-v'])]);
  return answers.every((answer) => answer.status === 'fulfilled');
}

/** The folder `lib` with an artifact and everything that it needs to run. */
export async function mavenLib(name: string, artifact: Artifact): Promise<string> {
  const { group, id, version, sha256 } = artifact;
  const folder = await install({
    name,
    spec: [`${group}:${id}:${version}`, sha256, COPY],
    build: async (target) => {
      await writeFile(join(target, 'pom.xml'), pom(artifact));
      await mkdir(join(target, 'lib'));
      // -C: an artifact whose checksum differs is an error, not a warning.
      await run('mvn', ['-C', '-q', '-B', COPY, '-DincludeScope=runtime', '-DoutputDirectory=lib'], {
        cwd: target,
      });
      const jar = join(target, 'lib', `${id}-${version}.jar`);
      const came = createHash('sha256')
        .update(await readFile(jar))
        .digest('hex');
      if (came !== sha256) {
        throw new Error(
          `${jar} is not the pinned one: SHA-256 ${came}; beside it: ${(await readdir(join(target, 'lib'))).join(' ')}`,
        );
      }
    },
  });
  return join(folder, 'lib');
}

const pom = ({ group, id, version }: Artifact): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bursar.test</groupId>
  <artifactId>${id}-with-dependencies</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
