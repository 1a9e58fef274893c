/** `1 day`, `3 days`: a count with its word as English has it. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
