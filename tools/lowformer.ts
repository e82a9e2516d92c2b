#!/usr/bin/env node
import { finished, interruption } from '../files/interruption.js';
import { reportError } from './console.js';
import { main } from './main.js';
import { watchStandardStreams } from './standard_streams.js';

watchStandardStreams((error) => {
  process.exitCode = reportError(error);
});

// A network that computes, or a driver that hangs, is waited for when its model is let go.
interruption.signal.addEventListener('abort', () => {
  const told = () =>
    process.stderr.write('lowformer: interrupted, and waiting for what still runs; once more ends it\n');
  setTimeout(told, 5000).unref();
});
await main(process.argv.slice(2), interruption.signal);
finished();
