#!/usr/bin/env node
import { finished, interruption } from '../files/interruption.js';
import { reportError } from './console.js';
import { main } from './main.js';
import { watchStandardStreams } from './standard_streams.js';

watchStandardStreams((error) => {
  process.exitCode = reportError(error);
});

await main(process.argv.slice(2), interruption.signal);
finished();
