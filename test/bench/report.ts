/** One line of the bench: what was done, and its figures by column. */
export interface Line {
  readonly what: string;
  readonly wall: string;
  readonly cpu: string;
  readonly peak: string;
  readonly result: string;
  /** What it must keep to; empty where nothing is asked. */
  readonly target: string;
  readonly met: boolean | null;
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
export const mebibytes = (amount: number) => `${Math.round(amount)} MiB`;
export const millions = (rows: number) => (rows % 1_000_000 === 0 ? `${rows / 1_000_000}M` : String(rows));

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[(sorted.length - 1) >> 1] ?? Number.NaN,
    sorted[sorted.length >> 1] ?? Number.NaN,
  ];
  return (low + high) / 2;
}

/** The lines as a Markdown table, which is also readable as text. */
export function table(lines: readonly Line[]): string {
  const head = ['what', 'wall', 'processor', 'peak memory', 'result', 'target', ''];
  const rows = lines.map(({ what, wall, cpu, peak, result, target, met }) => [
    what,
    wall,
    cpu,
    peak,
    result,
    target,
    met === null ? '' : met ? 'met' : 'MISSED',
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(Math.max(width, 3))).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
