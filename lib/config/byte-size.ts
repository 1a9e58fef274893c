const UNITS: Readonly<Record<string, bigint>> = { MiB: 2n ** 20n, GiB: 2n ** 30n, TiB: 2n ** 40n };
const SIZE = /^([1-9]\d{0,6}) ?(MiB|GiB|TiB)$/;

/** Bytes of a size like `200 GiB`; throws RangeError where it is none. */
export function parseByteSize(text: string): bigint {
  const [, count, unit = ''] = SIZE.exec(text) ?? [];
  const bytes = UNITS[unit];
  if (count === undefined || bytes === undefined) throw new RangeError(`${JSON.stringify(text)} is no size`);
  return BigInt(count) * bytes;
}
