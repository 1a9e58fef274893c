/** Loaded before a built function: its clock is `BURSAR_TEST_AHEAD` milliseconds ahead of the machine's. */
const ahead = Number(process.env['BURSAR_TEST_AHEAD']);
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [Real.now() + ahead] : given));
  }

  static now() {
    return Real.now() + ahead;
  }
};
