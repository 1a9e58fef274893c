/**
 * Reads JSON with every number as its own text, so that no amount passes through a JavaScript number: `0.1` is
 * `'0.1'` and `1e-7` is `'1e-7'`. Uses the source text that ECMAScript hands to a reviver (proposal "JSON.parse
 * source text access"; V8 11.4, so every supported Node). Throws SyntaxError where the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    if (context?.source === undefined)
      throw new TypeError('this Node does not tell the text of JSON numbers');
    return context.source;
  });
}
