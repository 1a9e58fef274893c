/** Colours of the page's stylesheet, as they are now. */
export interface Theme {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly card: string;
  readonly accent: string;
  readonly pale: string;
  readonly up: string;
  readonly down: string;
  readonly warn: string;
  readonly font: string;
}
