export { seeded } from '../analysis/seeded.ts';

/** `length` lower-case hexadecimal digits. */
export function hex(random: () => number, length: number): string {
  let text = '';
  while (text.length < length) text += Math.floor(random() * 16).toString(16);
  return text;
}
