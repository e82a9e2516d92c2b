/**
 * The map in CONTRIBUTING.md is true: its table names the rooms that the imports are held to, and its picture is drawn
 * from that table. `npx vitest run test/rooms.test.ts -u` draws it anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROWS, usesNode } from './import_order.js';
import { countLines, drawHouse, linesDrawn, readHouse } from './rooms_picture.js';
import { ROOT } from './workspace.js';

const PICTURE = 'docs/images/rooms.svg';
const house = readHouse(readFileSync(`${ROOT}CONTRIBUTING.md`, 'utf8'));
const counted = countLines();
const drawn = existsSync(ROOT + PICTURE) ? linesDrawn(readFileSync(ROOT + PICTURE, 'utf8')) : new Map<string, number>();

/** Sizes change with every change of the code: those in the picture stay while they still give the right idea. */
const stillRight = (room: string, lines: number) => {
  const now = counted.get(room) ?? 0;
  return Math.abs(lines - now) < Math.max(300, now / 3);
};

test('the table has the rooms of the import order, row by row, and which of them may use Node', () => {
  expect(house.map((rooms) => rooms.map(({ name }) => name))).toEqual(ROWS);
  expect(house.flat().filter((room) => room.usesNode !== usesNode(room.name))).toEqual([]);
});

test('the picture shows that table, with the sizes of the rooms', async () => {
  const right = [...counted.keys()].every((room) => stillRight(room, drawn.get(room) ?? Number.NaN));
  const rounded = new Map([...counted].map(([room, lines]) => [room, Math.round(lines / 50) * 50]));
  await expect(drawHouse(house, right ? drawn : rounded)).toMatchFileSnapshot(`../${PICTURE}`);
});

test('CONTRIBUTING.md shows it', () => {
  expect(readFileSync(`${ROOT}CONTRIBUTING.md`, 'utf8')).toContain(`](${PICTURE})`);
});
