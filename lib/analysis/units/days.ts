import type { Grain } from './model.ts';

const DAY = 86_400_000;

/** The day so many days later (earlier where below zero); days are `YYYY-MM-DD`, UTC. */
export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Days from one to another; 0 for the same. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

/** Days of a half-open span, in order. */
export function daysOf(start: string, end: string): string[] {
  return Array.from({ length: Math.max(daysBetween(start, end), 0) }, (_, at) => dayPlus(start, at));
}

/** The first day of the period that a day lies in: itself, its Monday, the first of its month. */
export function periodStart(day: string, grain: Grain): string {
  if (grain === 'day') return day;
  if (grain === 'month') return `${day.slice(0, 7)}-01`;
  return dayPlus(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}
