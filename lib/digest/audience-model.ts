/** For whom a digest is: everyone, who leads, or one team by its name in the dimension `team`. */
export type Audience =
  | { readonly kind: 'everyone' | 'executive' }
  | { readonly kind: 'team'; readonly team: string };

/** What a digest covers: the last whole day, week or month of the organisation's calendar. */
export type PeriodKind = 'day' | 'week' | 'month';
