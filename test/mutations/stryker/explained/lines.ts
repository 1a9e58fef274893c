/** One line each: `[function, what stands there, what stood there instead, why]`. */
export type Line = readonly [within: string, from: string, to: string, why: string];

/** By file. */
export type Lines = Readonly<Record<string, readonly Line[]>>;
