#!/usr/bin/env node
'use strict';

// The command line of the CDK and its library are the user's own: who only audits on a laptop installs neither.
import('./app.js').catch((error) => {
  const missing = /Cannot find package '(aws-cdk-lib|constructs)'/.exec(error?.message ?? '')?.[1];
  process.stderr.write(
    missing === undefined
      ? `bursar: a defect: ${error instanceof Error ? error.stack : error}\n`
      : `bursar: ${missing} is not installed\n  Install the CDK beside Bursar: npm install aws-cdk aws-cdk-lib constructs\n`,
  );
  process.exitCode = missing === undefined ? 4 : 2;
});
