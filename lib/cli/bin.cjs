#!/usr/bin/env node
// Parsed by every Node there is: ECMAScript 5 alone, so that an old one says what is missing instead of failing.
'use strict';

var LEAST = [22, 13];

var parts = process.version.replace(/^v/, '').split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);

if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) {
  module.exports = require('./load.cjs');
} else {
  var told =
    'bursar: this is Node.js ' +
    process.version +
    ', and bursar needs ' +
    LEAST.join('.') +
    ' or newer.\n' +
    '  Install the current LTS version from https://nodejs.org and run it again.\n';
  process.stderr.write(told);
  process.exitCode = 4;
}
