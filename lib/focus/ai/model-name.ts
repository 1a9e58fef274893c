/** A model and its snapshot: what is priced and compared, and what it was on that day. */
export interface ModelName {
  readonly model: string;
  /** `2024-08-06`, `20250514`, `0613`; null where the name has none. */
  readonly version: string | null;
}

/**
 * The dates with which OpenAI (`-2024-08-06`, formerly `-0613`) and Anthropic (`-20250514`) end the names of
 * snapshots (OpenAI "Models", Anthropic "Models overview", 2026).
 */
const SNAPSHOT = /^(.+?)-(\d{4}-\d{2}-\d{2}|20\d{6}|(?:0[1-9]|1[0-2])[0-3]\d)$/;

/** Splits a model's name as its vendor writes it; any other text is a model without a version. */
export function modelName(name: string): ModelName {
  const found = SNAPSHOT.exec(name.trim());
  return { model: found?.[1] ?? name.trim(), version: found?.[2] ?? null };
}
