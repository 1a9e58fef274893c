import type { ProvidedContext } from 'vitest';

/** What each counterpart's set-up hands to the tests of its project: `inject('motoUrl')`. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** moto's server: every AWS endpoint of projects `moto` and `journey`. */
    motoUrl: string;
  }
}

export type Provided = ProvidedContext;
