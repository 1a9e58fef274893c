/**
 * How many cases a random search tries: `usual` in every run of the tests, `deep` where the environment variable
 * `BURSAR_DEEP` is 1.
 */
export function cases(usual: number, deep: number): number {
  return process.env['BURSAR_DEEP'] === '1' ? deep : usual;
}
