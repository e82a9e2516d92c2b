/** Files of keys, those that are right and those that are not: no message has a key in it. */
import { describe, expect, test } from 'vitest';
import { findApiKey, parseApiKeys } from '../../service/api_keys.js';

const FIRST = 'first-0123456789';
const SECOND = 'c2Vjb25kIHNlY29uZA==';

test('a line has a key, or a name and a key', () => {
  const text = `\uFEFF# of the office\r\n\r\n${FIRST}\r\n  alice\t${SECOND}  \n`;
  const keys = parseApiKeys(text, 'keys');
  expect(keys.map(({ name }) => name)).toEqual([undefined, 'alice']);
  expect(findApiKey(keys, FIRST)).toBe(keys[0]);
  expect(findApiKey(keys, SECOND)).toBe(keys[1]);
  expect(JSON.stringify(keys)).not.toContain(FIRST);
});

test('in a variable a comma is the end of a line', () => {
  expect(parseApiKeys(`${FIRST},bob ${SECOND},`, 'KEYS').map(({ name }) => name)).toEqual([undefined, 'bob']);
});

test.each(['', FIRST.slice(1), FIRST.toUpperCase(), `${FIRST} `, `${FIRST}0`, 'alice', 'ключ-ключ-ключ-ключ'])(
  'another is none of them: %j',
  (presented) => {
    expect(findApiKey(parseApiKeys(`alice ${FIRST}`, 'keys'), presented)).toBeUndefined();
  },
);

describe('what is no file of keys', () => {
  const SECRET = 'a-very-secret-key-of-theirs';
  test.each<[string, string, string]>([
    ['nothing', '', 'keys: expected at least one key: a line each. node -p'],
    ['comments alone', '# none\n\n', 'keys: expected at least one key'],
    ['a short key', `${SECRET}\nsecret-15-chars`, 'keys, line 2: expected a key of 16 characters or more'],
    ['another alphabet', `${SECRET}é`, 'keys: expected a key of letters, digits'],
    ['a key twice', `${SECRET}\n# again\nalice ${SECRET}`, 'keys, line 3: expected a key that no other line has'],
    ['a name twice', `bob ${SECRET}\nbob ${SECRET}2`, 'keys, line 2: expected a name that no other line has'],
    ['a comment behind it', `${SECRET} # bob`, 'keys: expected KEY or NAME KEY. A comment has a line of its own'],
    ['the key before the name', `${SECRET} bob`, 'keys: expected a key of 16 characters or more'],
    ['a long name', `${SECRET} ${FIRST}`, 'keys: expected before the key a name of letters'],
    ['JSON', `{"key":"${SECRET}"}`, 'keys: expected a key of letters'],
  ])('%s', (_, text, message) => {
    const parse = () => parseApiKeys(text, 'keys');
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/secret/);
  });
});
