export { type Duration, parseDuration } from '../platform/duration.ts';
