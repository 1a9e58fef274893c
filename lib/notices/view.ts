import type { PlainText, SlackBlock } from './blocks.ts';

/** A modal or a Home tab (docs.slack.dev, reference/views, read November 2026). */
export interface SlackView {
  readonly type: 'modal' | 'home';
  readonly title?: PlainText;
  readonly submit?: PlainText;
  readonly close?: PlainText;
  readonly callback_id?: string;
  /** An opaque id and version, never data. */
  readonly private_metadata?: string;
  readonly blocks: readonly SlackBlock[];
}
