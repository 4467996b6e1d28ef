#!/usr/bin/env node
// CommonJS on purpose: loading Node's ESM machinery costs 4 of the 22 ms of `node -e 0`, and this is a command that
// scripts call in loops.
'use strict';
const { loadCached } = require('./code-cache.cjs');
const { processIo, run } = loadCached('main.cjs') ?? require('../dist/main.cjs');

run(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
