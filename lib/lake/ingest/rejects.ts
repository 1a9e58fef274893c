import { type FileHandle, open } from 'node:fs/promises';
import { Decimal, decimalText, INTEGER_DIGITS } from '../../focus/decimal.ts';

/** A row that could not be kept. */
export interface Reject {
  readonly file: string;
  /** Line of a CSV that the record begins on, from 1 with the header; null for Parquet. */
  readonly line: number | null;
  /** Number of the row in a Parquet file, from 1; null for CSV. */
  readonly row: number | null;
  readonly reason: string;
  /** The record as it stood; of Parquet its values as JSON. */
  readonly text: string;
}

/** Its money as the file wrote it, where that could be found. */
export interface RejectedMoney {
  readonly billed: string | null;
  readonly currency: string | null;
}

const AMOUNT = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;
const FLUSH_AT = 1 << 20;

/** Writes rejected rows as NDJSON, opened at the first, and adds up what money they carry. */
export class Rejects {
  count = 0;
  unread = 0;
  readonly #path: string;
  readonly #billed = new Map<string, Decimal>();
  #file: FileHandle | null = null;
  #pending: string[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Keeps one reject; `settle` writes what has gathered. */
  add(reject: Reject, money: RejectedMoney | null): void {
    this.count++;
    const line = `${JSON.stringify(reject)}\n`;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    const amount = readAmount(money?.billed ?? null);
    const currency = money?.currency?.trim() ?? '';
    if (amount === null || currency === '') this.unread++;
    else this.#billed.set(currency, (this.#billed.get(currency) ?? new Decimal(0)).plus(amount));
  }

  /** To be awaited now and then, so that rejects do not gather in memory. */
  async settle(force = false): Promise<void> {
    if (this.#pending.length === 0 || (!force && this.#pendingBytes < FLUSH_AT)) return;
    this.#file ??= await open(this.#path, 'w');
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.appendFile(text);
  }

  /** Writes the rest; the file's path, or null where nothing was rejected. */
  async close(): Promise<string | null> {
    await this.settle(true);
    await this.#file?.close();
    return this.#file === null ? null : this.#path;
  }

  money(): { currency: string; billed: string }[] {
    return [...this.#billed]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, amount]) => ({ currency, billed: decimalText(amount) }));
  }
}

/** An amount with too many places is still an amount; one of over 20 digits is taken for damage. */
function readAmount(text: string | null): Decimal | null {
  const trimmed = text?.trim() ?? '';
  if (!AMOUNT.test(trimmed)) return null;
  const amount = new Decimal(trimmed);
  return amount.abs().gte(new Decimal(10).pow(INTEGER_DIGITS)) ? null : amount;
}
