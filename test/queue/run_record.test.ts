import { expect, test } from 'vitest';
import { PROTOCOL, parseRun } from '../../queue/run_record.js';

const run = {
  version: '1.2.0',
  protocol: PROTOCOL,
  from: 'node0:1',
  config: '{}',
  configDigest: 'abc',
  checkpoint: { path: '/m.safetensors', digest: 'def' },
  batchSize: 1,
  pictures: 3,
  load: {},
};
const parsed = (changes: object, version = '1.2.0') => parseRun(JSON.stringify({ ...run, ...changes }), 'r1', version);

test('a run of this version is taken', () => {
  expect(parsed({})).toEqual(run);
});

test('one of another version is refused: both are named, and nothing else of it is looked at', () => {
  expect(() => parsed({ checkpoint: 'otherwise' }, '1.3.0')).toThrow(
    "run r1: expected work of lowformer 1.3.0, which this worker is, but received '1.2.0'. Install the same version on every machine.",
  );
});

test.each([
  [{ protocol: 1 }, 'protocol 1'],
  [{ protocol: undefined }, 'protocol 1'],
  [{ protocol: 9, more: true }, 'protocol 9'],
])('one of another protocol is refused: %j', (changes, received) => {
  expect(() => parsed(changes)).toThrow(
    `run r1: expected work of protocol ${PROTOCOL}, which this worker's build of lowformer 1.2.0 speaks, but received '${received}'.`,
  );
});

test('what is no run is refused', () => {
  expect(() => parseRun('no JSON', 'r1', '1.2.0')).toThrow(
    "run r1: expected a run that lowformer wrote but received 'no JSON'",
  );
  expect(() => parsed({ batchSize: 0 })).toThrow('Something else writes to this Redis.');
});
