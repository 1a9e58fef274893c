/**
 * Days of a month in every amount "a month" that a person is told: savings, estimates by list prices, what an anomaly
 * costs, false alarms. Thirty, so that two of them can be compared; what a calendar month costs is on the bill.
 */
export const MONTH_DAYS = 30;
