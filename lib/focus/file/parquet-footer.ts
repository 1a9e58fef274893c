/** What a Parquet file says of itself. */
export interface ParquetFooter {
  readonly rows: number;
  /** Names of the top-level columns. */
  readonly columns: readonly string[];
}

const MAGIC = 0x31524150; // "PAR1", little-endian
/** Bytes at the end of a file that hold the length of the footer and the magic word. */
export const TAIL = 8;

/**
 * Length of the footer that precedes the last eight bytes; null where these are not the end of a Parquet file
 * (cut off, or another format). Source: apache/parquet-format README, "File format".
 */
export function footerLength(tail: Uint8Array): number | null {
  if (tail.length !== TAIL) return null;
  const view = new DataView(tail.buffer, tail.byteOffset, TAIL);
  return view.getUint32(4, true) === MAGIC ? view.getUint32(0, true) : null;
}

/** Is this the beginning of a Parquet file? */
export function startsAsParquet(head: Uint8Array): boolean {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true) === MAGIC;
}

/**
 * Rows and columns by the footer (FileMetaData in Thrift's compact protocol, apache/parquet-format
 * parquet.thrift: field 2 schema, 3 num_rows). Throws a RangeError where the bytes are not one.
 */
export function readFooter(bytes: Uint8Array): ParquetFooter {
  const reader = new Compact(bytes);
  let rows: number | null = null;
  let elements: Element[] = [];
  reader.struct((field, type) => {
    if (field === 2 && type === LIST) elements = readSchema(reader);
    else if (field === 3 && type === I64) rows = reader.zigzag();
    else reader.skip(type);
  });
  if (rows === null || elements.length === 0) throw new RangeError('no schema or row count in the footer');
  return { rows, columns: topLevel(elements) };
}

interface Element {
  name: string;
  children: number;
}

function readSchema(reader: Compact): Element[] {
  const { size } = reader.listHeader();
  const elements: Element[] = [];
  for (let index = 0; index < size; index++) {
    const element: Element = { name: '', children: 0 };
    reader.struct((field, type) => {
      if (field === 4 && type === BINARY) element.name = reader.text();
      else if (field === 5 && type === I32) element.children = reader.zigzag();
      else reader.skip(type);
    });
    elements.push(element);
  }
  return elements;
}

/** The schema is a tree written depth first; the first element is its root. */
function topLevel(elements: readonly Element[]): string[] {
  const names: string[] = [];
  let index = 1;
  const descend = (depth: number): void => {
    const element = elements[index++];
    if (element === undefined) throw new RangeError('the schema ends too early');
    if (depth === 1) names.push(element.name);
    for (let child = 0; child < element.children; child++) descend(depth + 1);
  };
  while (index < elements.length) descend(1);
  return names;
}

// Types of the compact protocol (apache/thrift doc/specs/thrift-compact-protocol.md).
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;

class Compact {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(onField: (field: number, type: number) => void): void {
    let field = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return;
      const delta = head >> 4;
      field = delta === 0 ? this.zigzag() : field + delta;
      onField(field, head & 0x0f);
    }
  }

  listHeader(): { size: number; type: number } {
    const head = this.#byte();
    const size = head >> 4;
    return { size: size === 15 ? this.#varint() : size, type: head & 0x0f };
  }

  zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    return new TextDecoder().decode(this.#take(this.#varint()));
  }

  skip(type: number): void {
    switch (type) {
      case 1:
      case 2:
        return; // a boolean lies in its field header
      case 3:
        this.#take(1);
        return;
      case 4:
      case I32:
      case I64:
        this.#varint();
        return;
      case 7:
        this.#take(8);
        return;
      case BINARY:
        this.#take(this.#varint());
        return;
      case LIST:
      case 10: {
        const { size, type: item } = this.listHeader();
        for (let index = 0; index < size; index++) this.#skipItem(item);
        return;
      }
      case 11: {
        const size = this.#varint();
        const types = size === 0 ? 0 : this.#byte();
        for (let index = 0; index < size; index++) {
          this.#skipItem(types >> 4);
          this.#skipItem(types & 0x0f);
        }
        return;
      }
      case 12:
        this.struct((_field, inner) => this.skip(inner));
        return;
      default:
        throw new RangeError(`unknown Thrift type ${type}`);
    }
  }

  /** Within a list a boolean takes a byte of its own. */
  #skipItem(type: number): void {
    if (type === 1 || type === 2) this.#take(1);
    else this.skip(type);
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
      if (factor > 2 ** 56) throw new RangeError('a number is too long');
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('the footer ends too early');
    return byte;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError('the footer ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
