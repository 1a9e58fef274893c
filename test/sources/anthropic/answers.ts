import type { Answer } from '../ai-vendor/server.ts';

/** Answers one report so, and nothing else. */
export const report =
  (of: 'cost_report' | 'usage_report/messages', answer: Answer) => (asked: { path: string }) =>
    asked.path === `/v1/organizations/${of}` ? answer : null;

/** A page of November 2nd. */
export const page = (results: unknown[], more: Record<string, unknown> = {}): Answer => ({
  body: {
    data: [{ starting_at: '2026-11-02T00:00:00Z', ending_at: '2026-11-03T00:00:00Z', results }],
    has_more: false,
    next_page: null,
    ...more,
  },
});
export const costResult = (amount: unknown, more: Record<string, unknown> = {}) => ({
  amount,
  currency: 'USD',
  workspace_id: null,
  description: 'Code Execution Usage',
  cost_type: 'code_execution',
  ...more,
});
