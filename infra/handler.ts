import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage, type ILocalBundling } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Config } from '../lib/config/schema.ts';
import type { Entry } from '../lib/run/assemble/permissions.ts';
import { bundledFunctions, fromSources } from './bundled.ts';
import { type Architecture, CONFIG_FILE, copyDuckdb, MILVUS } from './native.ts';

/** Beside this file in the package, each in a folder of its own; nowhere in the sources. */
export const BUILT = 'functions';

const HERE = import.meta.dirname;

/** What a function's asset is made of. The CDK keeps one asset for what has the same fields. */
export interface Handler {
  readonly entry: Entry;
  /** Of DuckDB's binding; null: it carries none. */
  readonly duckdb: Architecture | null;
  /** As the function reads it. */
  readonly config: Config;
}

/** What Lambda gets: the function as the package brings it, else bundled now; with its config, and DuckDB. */
export function handlerCode(handler: Handler): Code {
  const built = join(HERE, BUILT, handler.entry);
  return Code.fromAsset(existsSync(built) ? built : join(HERE, '..', 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    // The image is for those who bundle in Docker, as nobody does here.
    bundling: { image: DockerImage.fromRegistry('none'), local: new Assembled(handler, built) },
  });
}

/** Everything that one asset holds. */
export class Assembled implements ILocalBundling {
  readonly entry: Entry;
  /** No null, at which the CDK's comparison of fields stumbles. */
  readonly duckdb: Architecture | '-';
  readonly config: string;
  readonly #built: string;
  readonly #milvus: boolean;

  /** @param built folder of the built function, where there is one */
  constructor({ entry, duckdb, config }: Handler, built: string) {
    this.entry = entry;
    this.duckdb = duckdb ?? '-';
    this.config = JSON.stringify(config);
    this.#built = built;
    this.#milvus = Object.values(config.estate.stores).some(({ type }) => type === 'milvus');
  }

  tryBundle(outputDir: string): boolean {
    const built = existsSync(this.#built) ? this.#built : join(bundledFunctions(), this.entry);
    cpSync(built, outputDir, { recursive: true });
    writeFileSync(join(outputDir, CONFIG_FILE), this.config);
    if (this.duckdb !== '-') copyDuckdb(outputDir, this.duckdb);
    if (this.#milvus && readFileSync(join(outputDir, 'index.mjs'), 'utf8').includes(MILVUS))
      putMilvus(join(outputDir, 'node_modules', MILVUS));
    return true;
  }
}

function putMilvus(folder: string): void {
  const built = join(HERE, BUILT, MILVUS);
  mkdirSync(dirname(folder), { recursive: true });
  if (existsSync(built)) cpSync(built, folder, { recursive: true });
  else fromSources('milvus.ts', folder);
}
