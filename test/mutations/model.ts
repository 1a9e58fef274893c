/** A text of a source file and what stands in its place while the mutation lives. */
export interface Edit {
  /** From the root of the project. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A rule made weaker by hand: histories must notice it. More than one edit where one line backs up another. */
export interface Mutation {
  readonly rule: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly what: string;
  /** A story that noticed it when it was last looked for, tried before all others: most notice seldom. */
  readonly seed?: number;
  readonly edits: readonly Edit[];
}
