'use strict';

// node:sqlite is what the local ledger stands on; that Node still calls it experimental is no news to a user.
const emit = process.emitWarning.bind(process);
process.emitWarning = (warning, ...more) => {
  const type = typeof more[0] === 'object' ? more[0]?.type : more[0];
  if (type === 'ExperimentalWarning' && String(warning).includes('SQLite')) return;
  emit(warning, ...more);
};

import('./main.js').catch((error) => {
  process.stderr.write(`bursar: a defect: ${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 4;
});
