import { expect, test, vi } from 'vitest';
import { inspectOptionalPackages } from '../../tools/native_packages.js';

vi.mock('../../engines/optional_packages.js', async (original) => ({
  ...(await original<typeof import('../../engines/optional_packages.js')>()),
  findPackage: () => undefined,
}));

test('packages that are not installed: how to get them', async () => {
  expect(await inspectOptionalPackages()).toEqual([
    { name: 'fastify', available: false, needs: 'Install it with: npm install fastify@5' },
    { name: 'bullmq, ioredis', available: false, needs: 'Install them with: npm install bullmq@6.7.0 ioredis@5.11.1' },
  ]);
});
