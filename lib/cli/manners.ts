/** How the command line speaks in this process: what is not about any one command. */
interface Manners {
  /** Neither progress nor warnings; errors are told. */
  readonly quiet: boolean;
  /** Does the answer go into a file? Then the terminal's width is none of its business. */
  readonly intoFile: boolean;
}

let manners: Manners = { quiet: false, intoFile: false };

/** The options that decide it. */
export interface Manner {
  readonly quiet?: true;
  readonly out?: string;
}

/** Taken from the options of the command that runs, once, before it begins. */
export function adopt({ quiet, out }: Manner): void {
  manners = { quiet: quiet === true, intoFile: out !== undefined };
}

export function isQuiet(): boolean {
  return manners.quiet;
}

/** Columns that a table may take: those of the terminal; without one as many as it likes, since nothing may be lost. */
export function tableWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && !manners.intoFile && columns > 0 ? columns : Number.MAX_SAFE_INTEGER;
}
