/** Four digits that count, for a person: what one of something costs may be far below a cent. */
export function significant(text: string): string {
  return new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4, useGrouping: true }).format(
    Number(text),
  );
}
