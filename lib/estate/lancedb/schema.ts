import type { DataType, Field, Schema } from 'apache-arrow';

/** A column of vectors, also of several a row. */
export interface VectorColumn {
  /** `vector`, `passage.vector` */
  readonly path: string;
  readonly dimension: number;
}

/** Kinds of Arrow's types by their numbers (apache-arrow, `Type`): the package comes with LanceDB, or is not there. */
const [INT, FLOAT, LIST, STRUCT, FIXED_SIZE_LIST]: readonly number[] = [2, 3, 12, 13, 16];

/**
 * Columns that hold vectors: lists of a fixed size of numbers that distances are measured by (floats, and bytes of
 * binary vectors), also within objects and, for multi-vectors, within lists (LanceDB documentation, "Vector search").
 */
export function vectorColumns(schema: Schema): VectorColumn[] {
  return schema.fields.flatMap((field) => columnsOf(field, field.name));
}

function columnsOf({ type }: Field, path: string): VectorColumn[] {
  const dimension = dimensionOf(type);
  if (dimension !== null) return [{ path, dimension }];
  return type.typeId === STRUCT
    ? childrenOf(type).flatMap((child) => columnsOf(child, `${path}.${child.name}`))
    : [];
}

function dimensionOf(type: DataType): number | null {
  const [of] = childrenOf(type);
  if (of === undefined) return null;
  if (type.typeId === LIST) return dimensionOf(of.type);
  if (type.typeId !== FIXED_SIZE_LIST || !('listSize' in type)) return null;
  return isComponent(of.type) && typeof type.listSize === 'number' ? type.listSize : null;
}

function isComponent(type: DataType): boolean {
  return type.typeId === FLOAT || (type.typeId === INT && 'bitWidth' in type && type.bitWidth === 8);
}

/** Types without children have no list of them either. */
function childrenOf(type: DataType): readonly Field[] {
  return type.children ?? [];
}

/** Why a configured column cannot be read, in one clause; null where it can. */
export function unreadable(schema: Schema, path: string): string | null {
  const column = columnAt(schema.fields, path.split('.'));
  if (column === undefined) return `the table has no column ${path}`;
  return childrenOf(column.type).length > 0 ? `the column ${path} holds no single value` : null;
}

function columnAt(fields: readonly Field[], [name, ...below]: readonly string[]): Field | undefined {
  const found = fields.find((field) => field.name === name);
  if (found === undefined || below.length === 0) return found;
  return found.type.typeId === STRUCT ? columnAt(childrenOf(found.type), below) : undefined;
}
