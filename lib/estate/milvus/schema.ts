import type { DescribeCollectionResponse } from '@zilliz/milvus2-sdk-node';

type Fields = DescribeCollectionResponse['schema']['fields'];

/** A field of vectors. */
export interface VectorField {
  readonly name: string;
  /** Null for sparse vectors, which have none. */
  readonly dimension: number | null;
}

/** All of Milvus' types of vectors end so: `FloatVector`, `BinaryVector`, `SparseFloatVector`. */
const VECTOR = /Vector$/;

export function vectorFields(fields: Fields): VectorField[] {
  return fields
    .filter(({ data_type: type }) => VECTOR.test(type))
    .map(({ name, type_params: given }) => {
      const dimension = Number(given.find(({ key }) => key === 'dim')?.value ?? Number.NaN);
      return { name, dimension: Number.isInteger(dimension) ? dimension : null };
    });
}

/** The primary key, and whether its values are text. */
export function primaryKey(fields: Fields): { readonly name: string; readonly text: boolean } | null {
  const field = fields.find(({ is_primary_key: primary }) => primary);
  return field === undefined ? null : { name: field.name, text: field.data_type === 'VarChar' };
}

/**
 * Why a configured field cannot be read, in one clause; null where it can.
 * @param dynamic may entities have fields that the schema does not name?
 */
export function unreadable(fields: Fields, dynamic: boolean, path: string): string | null {
  const root = rootOf(fields, path);
  const field = fields.find(({ name }) => name === root);
  if (field === undefined) return dynamic ? null : `the collection has no field ${path}`;
  if (VECTOR.test(field.data_type)) return `the field ${path} is a vector`;
  return root !== path && field.data_type !== 'JSON' ? `the field ${root} is no JSON` : null;
}

/** The field that a path leads into: `metadata` of `metadata.source`, where no field has the path for its name. */
export function rootOf(fields: Fields, path: string): string {
  const root = path.split('.')[0] ?? path;
  return !fields.some(({ name }) => name === path) && fields.some(({ name }) => name === root) ? root : path;
}
