import { mapColumns } from '../../focus/versions.ts';
import type { Input } from './inputs.ts';

/** Sentences about headers: columns that are not kept, other names, versions that meet in one delivery. */
export function headerWarnings(inputs: readonly Input[]): string[] {
  const dropped = new Map<string, number>();
  const recased = new Set<string>();
  const versions = new Map<string, number>();
  const unknown = new Set<string>();
  for (const { names, cur } of inputs) {
    for (const name of cur?.unknown ?? []) unknown.add(name);
    if (cur !== undefined) continue;
    const mapping = mapColumns(names);
    for (const name of mapping.dropped) dropped.set(name, (dropped.get(name) ?? 0) + 1);
    for (const name of mapping.recased) recased.add(name);
    versions.set(mapping.version, (versions.get(mapping.version) ?? 0) + 1);
  }
  const warnings: string[] = [];
  if (dropped.size > 0)
    warnings.push(
      `Columns that are neither FOCUS nor custom (x_) were not kept: ${[...dropped.keys()].join(', ')}.`,
    );
  if (unknown.size > 0)
    warnings.push(
      `Columns of no known part of a Cost and Usage Report were not kept: ${[...unknown].join(', ')}.`,
    );
  if (recased.size > 0) warnings.push(`Columns were known in other spelling: ${[...recased].join(', ')}.`);
  if (versions.size > 1)
    warnings.push(
      `Files of several FOCUS versions were read as 1.2: ${[...versions]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([version, count]) => `${version} (${count} ${count === 1 ? 'file' : 'files'})`)
        .join(', ')}.`,
    );
  return warnings;
}
