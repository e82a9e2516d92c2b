/** What the README shows first runs as it is shown. */
import { expect, test } from 'vitest';
import { blocksOf, commandsOf } from './documents.js';
import { isFirst, shown, testCommands } from './shown_commands.js';

test('a command may go on over lines', () => {
  const [block] = blocksOf('Words.\n\n```sh\nfirst one \\\n  --more\n\n# why\nsecond\n```\n');
  expect(block === undefined ? [] : commandsOf(block)).toEqual([
    { line: 4, command: 'first one \\\n  --more' },
    { line: 8, command: 'second' },
  ]);
});

test('the commands that the README opens with are the only ones of npm', () => {
  const others = shown
    .flatMap(({ commands }) => commands)
    .filter(({ command }) => !command.startsWith('npx lowformer '));
  expect(others.map(({ command }) => command)).toEqual([
    'npm install lowformer',
    'npm ci && npm run demo',
    'npm ci && npm test',
  ]);
});

testCommands(isFirst);
