import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vectorFields } from '../../../lib/estate/opensearch/fields.ts';

describe('fields of vectors in a mapping', () => {
  test('as the documentation of knn_vector writes them, with the space beside the method or in it', () => {
    const method = { name: 'hnsw', engine: 'lucene', parameters: { m: 16 } };
    expect(
      vectorFields({
        properties: {
          title: { type: 'text' },
          beside: { type: 'knn_vector', dimension: 3, space_type: 'l2', method },
          within: { type: 'knn_vector', dimension: 3, method: { ...method, space_type: 'l2' } },
        },
      }),
    ).toEqual({ paths: ['beside', 'within'], nested: false, dimension: 3, method: 'hnsw', metric: 'l2' });
  });

  test('in objects and as sub-fields, by their whole path', () => {
    expect(
      vectorFields({
        properties: {
          passage: { type: 'nested', properties: { embedding: { type: 'knn_vector', dimension: 768 } } },
          text: { type: 'text', fields: { vector: { type: 'knn_vector', dimension: 768 } } },
        },
      }),
    ).toEqual({
      paths: ['passage.embedding', 'text.vector'],
      nested: true,
      dimension: 768,
      method: null,
      metric: null,
    });
  });

  test('what several fields do not have in common is not told', () => {
    expect(
      vectorFields({
        properties: {
          a: { type: 'knn_vector', dimension: 768, space_type: 'l2' },
          b: { type: 'knn_vector', dimension: 1024, space_type: 'l2' },
        },
      }),
    ).toMatchObject({ dimension: null, metric: 'l2' });
  });

  test('a field that is made by a trained model tells no dimension', () => {
    expect(vectorFields({ properties: { v: { type: 'knn_vector', model_id: 'ivf-1' } } })).toEqual({
      paths: ['v'],
      nested: false,
      dimension: null,
      method: null,
      metric: null,
    });
  });

  test('a field that is only called so is none', () => {
    expect(vectorFields({ properties: { knn_vector: { type: 'keyword' } } })).toBeNull();
    expect(vectorFields({})).toBeNull();
  });

  test('whatever a mapping holds, each vector field is found once', () => {
    const leaf = fc.constantFrom({ type: 'text' }, { type: 'knn_vector', dimension: 8 });
    const mapping = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({
          type: fc.constant('object'),
          properties: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('node')),
        }),
      ),
    })).node;
    fc.assert(
      fc.property(mapping, (given) => {
        const expected = JSON.stringify(given).split('"knn_vector"').length - 1;
        expect(vectorFields(given)?.paths.length ?? 0).toBe(expected);
      }),
    );
  });
});
