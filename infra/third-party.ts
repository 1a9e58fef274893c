import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');

/** What of a package is read: npm's own manifest. */
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  homepage: z.string().optional(),
  repository: z.union([z.string(), z.object({ url: z.string() })]).optional(),
});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean(), devOptional: z.boolean(), peer: z.boolean(), link: z.boolean() }).partial(),
  ),
});

/** A package that is installed with Bursar, or is in part within what is built. */
export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  /** As its manifest says it, an SPDX expression. */
  readonly license: string;
  readonly home: string | null;
  /** The texts that it asks to be passed on: licence and notice. */
  readonly texts: readonly string[];
}

/**
 * Everything that `npm install` of the package brings, by package-lock.json, where it is installed here: native parts
 * of other platforms are not. Optional peers and what only tests need are left out.
 * @param within folders of packages, relative to `root`, that are in part within what is built and so never left out
 */
export function thirdParties(within: ReadonlySet<string> = new Set(), root: string = ROOT): ThirdParty[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const found = new Map<string, ThirdParty>();
  for (const [path, { dev, devOptional, peer, link }] of Object.entries(packages)) {
    const folder = join(root, path);
    const leftOut = !within.has(path) && [dev, devOptional, peer, link].includes(true);
    if (path === '' || leftOut || !existsSync(join(folder, 'package.json'))) continue;
    const { name, version, license, homepage, repository } = Manifest.parse(
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    );
    const home = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? null;
    found.set(`${name}@${version}`, { name, version, license, home, texts: textsOf(folder) });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Licences come under many names; a notice is what Apache-2.0 (section 4d) asks to be kept. */
function textsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
}

/** One file for people: each package with its licence, and each text once, with those that it is of. */
export function thirdPartyText(packages: readonly ThirdParty[]): string {
  const title = ({ name, version }: ThirdParty) => `${name} ${version}`;
  const texts = Map.groupBy(
    packages.flatMap((each) => each.texts.map((text) => ({ each, text }))),
    ({ text }) => text,
  );
  return [
    'Bursar is licensed under Apache-2.0. These packages are installed with it, or are in part within its built files.',
    packages
      .map((each) => [title(each), each.license, each.home].filter((part) => part !== null).join(', '))
      .join('\n'),
    ...[...texts].map(([text, of]) => [...of.map(({ each }) => title(each)), '', text].join('\n')),
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** What of npm's bill of materials is looked at; the rest stays as it is. */
const Bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), name: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/**
 * CycloneDX's bill of materials of these packages, as npm writes it; with their checksums. npm's own `--omit` is not
 * asked: it leaves out what is needed as well as omitted, such as the peers of a package that is needed.
 */
export function bom(packages: readonly ThirdParty[], root: string = ROOT): string {
  const args = ['sbom', '--sbom-format=cyclonedx', '--loglevel=error'];
  const all = Bom.parse(
    JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })),
  );
  const { name } = Manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const kept = new Set(packages.map((each) => `${each.name}@${each.version}`));
  const components = all.components.filter((each) => kept.has(`${each.name}@${each.version}`));
  const own = all.metadata.component['bom-ref'];
  const refs = new Set([own, ...components.map((each) => each['bom-ref'])]);
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => refs.has(ref)) }));
  // npm names the project by its folder.
  const metadata = { ...all.metadata, component: { ...all.metadata.component, name } };
  return JSON.stringify({ ...all, metadata, components, dependencies }, null, 2);
}
