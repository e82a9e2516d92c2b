import { expect, test } from 'vitest';
import { checkServer } from '../../queue/connection.js';

const info = (version: string, policy: string) =>
  `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:${policy}\r\n`;

test.each(['6.2.0', '7.0.15', '8.2.1', '10.0.0'])('Redis %s holds a queue', (version) => {
  expect(() => checkServer(info(version, 'noeviction'), 'redis://node1')).not.toThrow();
});

test('Valkey, which says the release of Redis that it is compatible with', () => {
  const valkey = info('7.2.4', 'noeviction').replace(
    '# Server',
    '# Server\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\nvalkey_release_stage:ga',
  );
  expect(() => checkServer(valkey, 'redis://node1')).not.toThrow();
});

test.each(['5.0.14', '6.0.20', ''])('Redis %j is too old', (version) => {
  expect(() => checkServer(info(version, 'noeviction'), 'redis://node1')).toThrow(
    `redis://node1: expected Redis 6.2 or later, or Valkey but received '${version}'`,
  );
});

test.each(['allkeys-lru', 'volatile-ttl'])('one that evicts by %s is refused', (policy) => {
  expect(() => checkServer(info('7.2.4', policy), 'redis://node1')).toThrow(
    `redis://node1: expected a Redis that evicts nothing (maxmemory-policy noeviction) but received '${policy}'`,
  );
});
