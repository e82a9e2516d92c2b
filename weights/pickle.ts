import type { LowformerError } from '../core/errors.js';
import { byteCursor } from './byte_cursor.js';
import { type ByteSource, unreadable } from './byte_source.js';
import { opcodes } from './pickle_opcodes.js';
import { isGlobal, isOpaque, type PickleGlobal, type PickleValue, setEntry } from './pickle_value.js';

/** What the names in a pickle stand for. Both throw for what is not allowed. */
export interface PickleResolver {
  /** A class or function by module and name. */
  readonly global: (module: string, name: string) => PickleGlobal;
  /** An object that is kept outside of the pickle: torch's storages. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

export interface Unpickled {
  readonly value: PickleValue;
  /** Position after the pickle. */
  readonly end: number;
}

/**
 * What no checkpoint reaches. A pickle can say in three bytes `this list once more, doubled`, and so ask in a few hundred
 * for more time and memory than there is: what it asks for is counted, and the count has an end.
 */
const most = {
  /** Instructions, and items that constructors go through or copy. */
  steps: 10_000_000,
  /** Bytes or digits of an integer: converting an endless one takes endless time. */
  integer: 1024,
  /** Bytes of a text, and of bytes, that are read: longer ones are numbers of arrays that nobody asks for. */
  kept: 4 * 2 ** 20,
  /** Bytes of a text, where the file does not have as many. */
  text: 64 * 2 ** 20,
  /** Bytes of bytes, likewise. */
  bytes: 2 ** 30,
  /** Letters of the name of a class or function. */
  name: 1000,
} as const;

/**
 * Reads one pickle of protocol 0 to 5 (PEP 307, 3154, 574) as data. Nothing of it is run: calling a class or a
 * function becomes a call of our stand-in, `resolver.global` decides which names have one, and the attributes that
 * an object would be given are dropped. Of dictionaries the entries under texts are kept.
 * @throws {LowformerError} `unreadable-checkpoint` for a broken pickle, one that names what is not allowed, and one that
 * asks for more than any checkpoint does.
 */
export function readPickle(source: ByteSource, start: number, resolver: PickleResolver): Unpickled {
  const input = byteCursor(source, start);
  const memo: (PickleValue | undefined)[] = [];
  let memorised = 0;
  const stack: PickleValue[] = [];
  /** Heights of the stack at which marks were set. */
  const marks: number[] = [];
  let steps = 0;

  const broken = (expected: string, received?: unknown) =>
    unreadable(source.path, `${expected} at byte ${input.position} of the pickle`, { received });

  function spend(count: number): void {
    steps += count;
    if (steps > most.steps) throw exhausting(source.path, `a pickle of at most ${most.steps} steps`);
  }
  function push(value: PickleValue): void {
    stack.push(value);
  }
  function pop(): PickleValue {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.pop() : undefined;
    if (value === undefined) throw broken('a value');
    return value;
  }
  /** The value on top; undefined where there is none since the last mark. */
  function top(): PickleValue | undefined {
    return stack.length > (marks.at(-1) ?? 0) ? stack.at(-1) : undefined;
  }
  /** The values since the last mark. */
  function sinceMark(): PickleValue[] {
    const mark = marks.pop();
    if (mark === undefined) throw broken('a mark');
    return stack.splice(mark);
  }
  /** The module or name of a class or function. */
  function named(value: PickleValue): string {
    if (typeof value !== 'string') throw broken('a text');
    if (value.length > most.name) throw broken(`a name of at most ${most.name} letters`, value);
    return value;
  }
  function bytes(count: number): Uint8Array {
    if (passOver(count, 'bytes in one value', most.bytes)) return new Uint8Array(0);
    return input.bytes(count);
  }
  function text(count: number): PickleValue {
    if (passOver(count, 'a text', most.text)) return { kind: 'opaque', name: 'str' };
    return decoder.decode(input.bytes(count));
  }
  /** Whether so many bytes are too many to be read, and were passed over. */
  function passOver(count: number, what: string, limit: number): boolean {
    if (count <= most.kept) return false;
    if (count > limit && input.position + count > source.size) {
      const expected = what === 'a text' ? `a text of at most ${limit} bytes` : `at most ${limit} ${what}`;
      throw broken(expected, count);
    }
    input.skip(count);
    return true;
  }
  function recall(index: number): void {
    const value = memo[index];
    if (value === undefined) throw broken('a value that was memorised', index);
    push(value);
  }
  function memorise(index: number): void {
    const value = top();
    if (value === undefined) throw broken('a value to memorise');
    if (!(index < most.steps)) throw broken(`at most ${most.steps} memorised values`, index);
    if (memo[index] === undefined) memorised++;
    memo[index] = value;
  }
  function construct(callee: PickleValue, args: PickleValue): PickleValue {
    spend(sizeOfArguments(args));
    // What functools.partial or getattr gave, of something that is left out.
    if (isOpaque(callee) && callee.foreign === true) return callee;
    if (!isGlobal(callee)) throw broken('a class or function to call');
    const value = Array.isArray(args) ? callee.construct(args) : undefined;
    if (value === undefined) throw broken(`the arguments that ${callee.name} takes`);
    return value;
  }
  function append(items: readonly PickleValue[]): void {
    const list = top();
    if (Array.isArray(list)) for (const item of items) list.push(item);
  }
  function setItems(items: readonly PickleValue[]): void {
    const target = top();
    if (items.length % 2 !== 0) throw broken('a value for each key');
    spend((items.length / 2) * stepsPerEntry);
    for (let i = 0; i < items.length; i += 2) setItem(target, items[i] ?? null, items[i + 1] ?? null);
  }
  function setItem(target: PickleValue | undefined, key: PickleValue, value: PickleValue): void {
    if (!setEntry(target instanceof Map ? target : undefined, key, value)) {
      throw broken('keys of dictionaries that are texts, numbers or short tuples of them', key);
    }
  }
  function integer(digits: string): PickleValue {
    const match = /^([+-]?\d+)L?$/.exec(digits);
    if (match?.[1] === undefined || digits.length > most.integer) throw broken('an integer', digits);
    return narrow(BigInt(match[1]));
  }
  function signedBytes(size: number): PickleValue {
    if (size > most.integer) throw broken(`an integer of at most ${most.integer} bytes`, size);
    spend(size);
    return narrow(BigInt.asIntN(size * 8, unsigned(input.bytes(size))));
  }

  const instructions: readonly ((() => void) | undefined)[] = table({
    [opcodes.PROTO]: () => {
      const protocol = input.byte();
      if (protocol > 5) throw broken('protocol 0 to 5', protocol);
    },
    [opcodes.FRAME]: () => void input.length64(),
    [opcodes.MARK]: () => {
      // No data is so deep.
      if (marks.length > usualDepth) spend(stepsPerEntry);
      marks.push(stack.length);
    },
    [opcodes.POP]: () => {
      // With nothing since the mark, Python takes the mark itself off.
      if (top() === undefined) sinceMark();
      else stack.pop();
    },
    [opcodes.POP_MARK]: () => void sinceMark(),
    [opcodes.DUP]: () => {
      const value = pop();
      push(value);
      push(value);
    },

    [opcodes.NONE]: () => push(null),
    [opcodes.NEWTRUE]: () => push(true),
    [opcodes.NEWFALSE]: () => push(false),
    [opcodes.BININT]: () => push(input.int32()),
    [opcodes.BININT1]: () => push(input.uint(1)),
    [opcodes.BININT2]: () => push(input.uint(2)),
    [opcodes.INT]: () => {
      const digits = input.line();
      push(digits === '00' ? false : digits === '01' ? true : integer(digits));
    },
    [opcodes.LONG]: () => push(integer(input.line())),
    [opcodes.LONG1]: () => push(signedBytes(input.uint(1))),
    [opcodes.LONG4]: () => push(signedBytes(input.uint(4))),
    [opcodes.FLOAT]: () => push(Number(input.line())),
    [opcodes.BINFLOAT]: () => push(input.float64()),

    [opcodes.STRING]: () => push(input.line().replace(/^(['"])(.*)\1$/, '$2')),
    [opcodes.BINSTRING]: () => push(text(input.uint(4))),
    [opcodes.SHORT_BINSTRING]: () => push(text(input.uint(1))),
    [opcodes.UNICODE]: () => push(rawUnicode(input.line())),
    [opcodes.SHORT_BINUNICODE]: () => push(text(input.uint(1))),
    [opcodes.BINUNICODE]: () => push(text(input.uint(4))),
    [opcodes.BINUNICODE8]: () => push(text(input.length64())),
    [opcodes.SHORT_BINBYTES]: () => push(bytes(input.uint(1))),
    [opcodes.BINBYTES]: () => push(bytes(input.uint(4))),
    [opcodes.BINBYTES8]: () => push(bytes(input.length64())),
    [opcodes.BYTEARRAY8]: () => push(bytes(input.length64())),
    [opcodes.READONLY_BUFFER]: () => {},

    [opcodes.EMPTY_LIST]: () => push([]),
    [opcodes.EMPTY_TUPLE]: () => push([]),
    [opcodes.EMPTY_DICT]: () => push(new Map()),
    [opcodes.EMPTY_SET]: () => push({ kind: 'opaque', name: 'set' }),
    [opcodes.LIST]: () => push(sinceMark()),
    [opcodes.TUPLE]: () => push(sinceMark()),
    [opcodes.TUPLE1]: () => push([pop()]),
    [opcodes.TUPLE2]: () => push([pop(), pop()].reverse()),
    [opcodes.TUPLE3]: () => push([pop(), pop(), pop()].reverse()),
    [opcodes.DICT]: () => {
      const items = sinceMark();
      push(new Map());
      setItems(items);
    },
    [opcodes.FROZENSET]: () => {
      sinceMark();
      push({ kind: 'opaque', name: 'frozenset' });
    },
    [opcodes.APPEND]: () => {
      const item = pop();
      append([item]);
    },
    [opcodes.APPENDS]: () => append(sinceMark()),
    [opcodes.SETITEM]: () => {
      const value = pop();
      setItems([pop(), value]);
    },
    [opcodes.SETITEMS]: () => setItems(sinceMark()),
    [opcodes.ADDITEMS]: () => void sinceMark(),

    [opcodes.PUT]: () => memorise(Number(input.line())),
    [opcodes.BINPUT]: () => memorise(input.uint(1)),
    [opcodes.LONG_BINPUT]: () => memorise(input.uint(4)),
    [opcodes.MEMOIZE]: () => memorise(memorised),
    [opcodes.GET]: () => recall(Number(input.line())),
    [opcodes.BINGET]: () => recall(input.uint(1)),
    [opcodes.LONG_BINGET]: () => recall(input.uint(4)),

    [opcodes.GLOBAL]: () => {
      const module = named(input.line());
      push(resolver.global(module, named(input.line())));
    },
    [opcodes.STACK_GLOBAL]: () => {
      const name = named(pop());
      push(resolver.global(named(pop()), name));
    },
    [opcodes.INST]: () => {
      const module = named(input.line());
      const callee = resolver.global(module, named(input.line()));
      push(construct(callee, sinceMark()));
    },
    [opcodes.OBJ]: () => {
      const [callee, ...args] = sinceMark();
      push(construct(callee ?? null, args));
    },
    [opcodes.REDUCE]: () => {
      const args = pop();
      push(construct(pop(), args));
    },
    [opcodes.NEWOBJ]: () => {
      const args = pop();
      push(construct(pop(), args));
    },
    [opcodes.NEWOBJ_EX]: () => {
      pop();
      const args = pop();
      push(construct(pop(), args));
    },
    // Attributes: `_metadata` of a state_dict, the bytes of a numpy array. None of them are wanted.
    [opcodes.BUILD]: () => void pop(),
    [opcodes.PERSID]: () => push(resolver.persistent(input.line())),
    [opcodes.BINPERSID]: () => push(resolver.persistent(pop())),
  });

  for (;;) {
    const opcode = input.byte();
    if (opcode === opcodes.STOP) return { value: pop(), end: input.position };
    const instruction = instructions[opcode];
    if (instruction === undefined) throw broken('a pickle instruction', `0x${opcode.toString(16).padStart(2, '0')}`);
    spend(1);
    instruction();
  }
}

const decoder = new TextDecoder();

/** By opcode. */
function table(instructions: Readonly<Record<number, () => void>>): readonly ((() => void) | undefined)[] {
  return Array.from({ length: 256 }, (_, opcode) => instructions[opcode]);
}

function exhausting(path: string, expected: string): LowformerError {
  return unreadable(path, expected, { hint: 'No checkpoint needs more: the file is damaged, or made to do harm.' });
}

/** Letters or bytes that are copied in the time of one step. */
const lettersPerStep = 16;

/** Setting an entry of a dictionary takes the time of several steps. */
const stepsPerEntry = 8;

/** Marks that wait for their end: each stands for a level of lists within lists. */
const usualDepth = 10_000;

/** Steps that a constructor takes at most: what its arguments hold, and what the lists among them hold. */
function sizeOfArguments(args: PickleValue): number {
  if (!Array.isArray(args)) return 1;
  return args.reduce<number>((sum, arg) => {
    const inner = Array.isArray(arg) ? arg.reduce<number>((size, item) => size + lengthOf(item), 0) : 0;
    return sum + lengthOf(arg) + inner;
  }, 1);
}

function lengthOf(value: PickleValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return 1 + value.length / lettersPerStep;
  if (Array.isArray(value)) return 1 + value.length;
  return value instanceof Map ? 1 + stepsPerEntry * value.size : 1;
}

/** Little-endian. By way of the hexadecimal digits, which takes no more time than there are bytes. */
function unsigned(bytes: Uint8Array): bigint {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
  return BigInt(`0x0${digits.join('')}`);
}

/** Protocol 0 writes characters as Python's raw-unicode-escape. */
function rawUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
