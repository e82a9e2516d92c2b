import { byteCursor } from './byte_cursor.js';
import { type ByteSource, unreadable } from './byte_source.js';
import { opcodes } from './pickle_opcodes.js';
import { isGlobal, type PickleGlobal, type PickleMap, type PickleValue } from './pickle_value.js';

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

/** Digits of the longest integer taken: converting an endless one takes endless time. */
const longestInteger = 1024;

/**
 * Reads one pickle of protocol 0 to 5 (PEP 307, 3154, 574) as data. Nothing of it is run: calling a class or a
 * function becomes a call of our stand-in, `resolver.global` decides which names have one, and the attributes that
 * an object would be given are dropped.
 * @throws {LowformerError} `unreadable-checkpoint` for a broken pickle or one that names what is not allowed.
 */
export function readPickle(source: ByteSource, start: number, resolver: PickleResolver): Unpickled {
  const input = byteCursor(source, start);
  const memo = new Map<number, PickleValue>();
  let stack: PickleValue[] = [];
  const below: PickleValue[][] = [];

  const broken = (expected: string, received?: unknown) =>
    unreadable(source.path, `${expected} at byte ${input.position} of the pickle`, { received });

  /** Evaluates its argument before it looks at the stack, which taking off a mark exchanges. */
  function push(value: PickleValue): void {
    stack.push(value);
  }
  function pop(): PickleValue {
    const value = stack.pop();
    if (value === undefined) throw broken('a value');
    return value;
  }
  /** The values since the last mark. */
  function sinceMark(): PickleValue[] {
    const items = stack;
    const outer = below.pop();
    if (outer === undefined) throw broken('a mark');
    stack = outer;
    return items;
  }
  function text(): string {
    const value = pop();
    if (typeof value !== 'string') throw broken('a text');
    return value;
  }
  function recall(index: number): void {
    const value = memo.get(index);
    if (value === undefined) throw broken('a value that was memorised', index);
    push(value);
  }
  function memorise(index: number): void {
    const top = stack.at(-1);
    if (top === undefined) throw broken('a value to memorise');
    memo.set(index, top);
  }
  function construct(callee: PickleValue, args: PickleValue): PickleValue {
    if (!isGlobal(callee)) throw broken('a class or function to call');
    const value = Array.isArray(args) ? callee.construct(args) : undefined;
    if (value === undefined) throw broken(`the arguments that ${callee.name} takes`);
    return value;
  }
  function append(items: readonly PickleValue[]): void {
    const list = stack.at(-1);
    if (Array.isArray(list)) for (const item of items) list.push(item);
  }
  function setItems(items: readonly PickleValue[]): void {
    const target = stack.at(-1);
    if (items.length % 2 !== 0) throw broken('a value for each key');
    if (target instanceof Map) fill(target, items);
  }
  function integer(digits: string): PickleValue {
    const match = /^([+-]?\d+)L?$/.exec(digits);
    if (match?.[1] === undefined || digits.length > longestInteger) throw broken('an integer', digits);
    return narrow(BigInt(match[1]));
  }
  function signedBytes(size: number): PickleValue {
    if (size > longestInteger) throw broken(`an integer of at most ${longestInteger} bytes`, size);
    const value = input.bytes(size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return narrow(BigInt.asIntN(size * 8, value));
  }

  const steps: Readonly<Record<number, () => void>> = {
    [opcodes.PROTO]: () => {
      const protocol = input.byte();
      if (protocol > 5) throw broken('protocol 0 to 5', protocol);
    },
    [opcodes.FRAME]: () => void input.length64(),
    [opcodes.MARK]: () => {
      below.push(stack);
      stack = [];
    },
    [opcodes.POP]: () => {
      // With nothing since the mark, Python takes the mark itself off.
      if (stack.length === 0) sinceMark();
      else stack.pop();
    },
    [opcodes.POP_MARK]: () => void sinceMark(),
    [opcodes.DUP]: () => {
      const top = pop();
      push(top);
      push(top);
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
    [opcodes.BINSTRING]: () => push(utf8(input.bytes(input.uint(4)))),
    [opcodes.SHORT_BINSTRING]: () => push(utf8(input.bytes(input.uint(1)))),
    [opcodes.UNICODE]: () => push(rawUnicode(input.line())),
    [opcodes.SHORT_BINUNICODE]: () => push(utf8(input.bytes(input.uint(1)))),
    [opcodes.BINUNICODE]: () => push(utf8(input.bytes(input.uint(4)))),
    [opcodes.BINUNICODE8]: () => push(utf8(input.bytes(input.length64()))),
    [opcodes.SHORT_BINBYTES]: () => push(input.bytes(input.uint(1))),
    [opcodes.BINBYTES]: () => push(input.bytes(input.uint(4))),
    [opcodes.BINBYTES8]: () => push(input.bytes(input.length64())),
    [opcodes.BYTEARRAY8]: () => push(input.bytes(input.length64())),
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
    [opcodes.MEMOIZE]: () => memorise(memo.size),
    [opcodes.GET]: () => recall(Number(input.line())),
    [opcodes.BINGET]: () => recall(input.uint(1)),
    [opcodes.LONG_BINGET]: () => recall(input.uint(4)),

    [opcodes.GLOBAL]: () => {
      const module = input.line();
      push(resolver.global(module, input.line()));
    },
    [opcodes.STACK_GLOBAL]: () => {
      const name = text();
      push(resolver.global(text(), name));
    },
    [opcodes.INST]: () => {
      const module = input.line();
      const callee = resolver.global(module, input.line());
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
  };

  for (;;) {
    const opcode = input.byte();
    if (opcode === opcodes.STOP) return { value: pop(), end: input.position };
    const step = steps[opcode];
    if (step === undefined) throw broken('a pickle instruction', `0x${opcode.toString(16).padStart(2, '0')}`);
    step();
  }
}

function fill(map: PickleMap, items: readonly PickleValue[]): void {
  for (let i = 0; i + 1 < items.length; i += 2) map.set(items[i] ?? null, items[i + 1] ?? null);
}

const decoder = new TextDecoder();

function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Protocol 0 writes characters as Python's raw-unicode-escape. */
function rawUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
