/** Dates as values, so that who decides needs no calendar library: made outside by `platform/holidays`. */
export interface WorkCalendar {
  /** IANA zone of the person. */
  readonly timezone: string;
  /** Public holidays as `YYYY-MM-DD` in that zone. */
  readonly holidays: ReadonlySet<string>;
  /** Minutes of the day without any stop, `from` to before `to`, over midnight where `to` is less; null for none. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  /** May stops fall on Friday from 12:00 and on weekends? */
  readonly weekends: boolean;
}
