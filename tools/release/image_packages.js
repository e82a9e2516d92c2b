// Makes what a container image serves and queues with a dependency like any other: optional peers are not installed by themselves,
// and npm takes their versions from the lock file only where package.json asks for them. It changes the package.json that it finds in the
// working directory: a copy.
import { readFileSync, writeFileSync } from 'node:fs';

const WANTED = ['bullmq', 'fastify', 'ioredis'];

const description = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of WANTED) {
  const version = description.devDependencies[name];
  if (version === undefined) throw new Error(`package.json: ${name} is no devDependency`);
  description.dependencies[name] = version;
  for (const kind of ['devDependencies', 'peerDependencies', 'peerDependenciesMeta']) delete description[kind][name];
}
writeFileSync('package.json', `${JSON.stringify(description, undefined, 2)}\n`);
