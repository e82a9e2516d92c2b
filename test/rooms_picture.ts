import { readdirSync, readFileSync } from 'node:fs';
import { ROWS } from './import_order.js';
import { ROOT } from './workspace.js';

export interface Room {
  readonly name: string;
  /** What lives there, in the words of CONTRIBUTING.md. */
  readonly words: string;
  readonly usesNode: boolean;
}

/** Rows of rooms as a document has them, lowest first. */
export type House = readonly (readonly Room[])[];

/** The table of rooms and the line below it. @throws {Error} for a row whose words cannot be told apart. */
export function readHouse(markdown: string): House {
  const [, browser = ''] = /^(`[^`]+`) use no Node API\.$/m.exec(markdown) ?? [];
  const withoutNode = new Set(browser.slice(1, -1).split(' '));
  return [...markdown.matchAll(/^\| (\d+) \| ((?:`\w+` ?)+) \| (.*) \|$/gm)].map(([, row, folders = '', text = '']) => {
    const names = [...folders.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const words = names.length === 1 ? [text] : text.split('; ');
    if (words.length !== names.length) {
      throw new Error(
        `row ${row}: expected words for ${names.length} folders, with '; ' between, but received ${text}`,
      );
    }
    return names.map((name, i) => ({ name, words: plain(words[i] ?? ''), usesNode: !withoutNode.has(name) }));
  });
}

/** Lines of TypeScript by room. */
export function countLines(): ReadonlyMap<string, number> {
  const lines = (path: string) => readFileSync(path, 'utf8').split('\n').length - 1;
  return new Map(
    ROWS.flat().map((room) => {
      const files = readdirSync(ROOT + room, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.ts'),
      );
      return [room, files.reduce((sum, file) => sum + lines(`${ROOT}${room}/${file}`), 0)];
    }),
  );
}

const WIDTH = 1180;
const [LEFT, GAP, HEIGHT, FLOOR, TOP] = [40, 10, 76, 86, 46];
const COLOURS = { browser: ['#e8f2fb', '#2f6f9f'], node: ['#f7efe4', '#9a6a2b'] } as const;
/** Lines that fill the bar of a room of the usual width. */
const FULL = 6000;

/** The house from the side, core at the bottom. @param lines by room, as they shall be written. */
export function drawHouse(house: House, lines: ReadonlyMap<string, number>): string {
  const height = TOP + house.length * FLOOR + 40;
  const floors = house.map((rooms, row) => {
    const y = TOP + (house.length - 1 - row) * FLOOR;
    const width = (WIDTH - LEFT - GAP * rooms.length) / rooms.length;
    const boxes = rooms.map((room, i) => drawRoom(room, lines.get(room.name) ?? 0, LEFT + i * (width + GAP), y, width));
    return [
      text(20, y + HEIGHT / 2 + 5, String(row), 'font-size="14" fill="#888" text-anchor="middle"'),
      ...boxes,
    ].join('\n');
  });
  const note = 'A room imports only from floors below its own. Bars: lines of TypeScript.';
  const legend = [
    ...(['browser', 'node'] as const).map((kind, i) => {
      const x = LEFT + 640 + i * 210;
      const [fill, stroke] = COLOURS[kind];
      const words = kind === 'browser' ? 'runs in a browser as well' : 'may use Node';
      return `<rect x="${x}" y="12" width="16" height="16" rx="3" fill="${fill}" stroke="${stroke}"/>\n${text(x + 24, 25, words, 'font-size="14" fill="#444"')}`;
    }),
    text(LEFT, 25, note, 'font-size="14" fill="#444"'),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height - 24}" role="img" aria-label="The rooms of the house, core at the bottom" font-family="system-ui, sans-serif">`,
    `<rect width="${WIDTH}" height="${height - 24}" fill="#fff"/>`,
    ...legend,
    ...floors,
    '</svg>',
    '',
  ].join('\n');
}

/** The lines that a drawn house gives for each room. */
export function linesDrawn(svg: string): ReadonlyMap<string, number> {
  const rooms = svg.matchAll(/<g id="(\w+)" data-lines="(\d+)">/g);
  return new Map([...rooms].map(([, name = '', lines]) => [name, Number(lines)]));
}

function drawRoom({ name, words, usesNode }: Room, lines: number, x: number, y: number, width: number): string {
  const [fill, stroke] = COLOURS[usesNode ? 'node' : 'browser'];
  const usual = (WIDTH - LEFT) / 6 - GAP - 24;
  const size = lines < 1000 ? String(lines) : `${(lines / 1000).toFixed(1)}k`;
  return [
    `<g id="${name}" data-lines="${lines}">`,
    rect(x, y, width, HEIGHT, `rx="6" fill="${fill}" stroke="${stroke}"`),
    text(x + 12, y + 24, `${name}/`, 'font-size="17" font-weight="600" fill="#222"'),
    text(x + width - 12, y + 24, size, 'font-size="13" fill="#666" text-anchor="end"'),
    ...wrapped(words, Math.floor((width - 20) / 6.3), 2).map((line, i) =>
      text(x + 12, y + 42 + i * 15, line, 'font-size="12" fill="#444"'),
    ),
    rect(x + 12, y + HEIGHT - 10, Math.min(width - 24, (usual * lines) / FULL), 4, `rx="2" fill="${stroke}"`),
    '</g>',
  ].join('\n');
}

/** At most so many lines of so many characters; what is left over is cut. */
function wrapped(words: string, most: number, count: number): readonly string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const last = lines.at(-1) ?? '';
    const longer = last === '' ? word : `${last} ${word}`;
    if (longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length <= count ? lines : [...lines.slice(0, count - 1), `${lines[count - 1]} …`];
}

/** Markdown without its marks. */
function plain(markdown: string): string {
  return markdown.replace(/ \(\[[^)]*\)\)/g, '').replaceAll('`', '');
}

function rect(x: number, y: number, width: number, height: number, rest: string): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" ${rest}/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${short(x)}" y="${short(y)}" ${attributes}>${escaped}</text>`;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
