/** `import` names types, and the bases of pure-Python configs; nothing is loaded. */
import type { Scope } from './scope.js';
import { childrenOf, DUMP, invalid, notRead, type PythonSource, type SyntaxNode, splitAt, textOf } from './syntax.js';
import { PythonImported } from './values.js';

/** Modules that come with Python 3.8 to 3.13: mmengine would run them, and their values are no names. */
const STANDARD_MODULES: ReadonlySet<string> = new Set(
  `abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect
  builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent
  configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis
  distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions
  ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib
  imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox
  mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path
  numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib
  poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re
  readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd
  smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
  stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios
  textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo
  types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib
  xml xmlrpc zipapp zipfile zipimport zlib zoneinfo __future__`.split(/\s+/),
);

/** `from a.b import c as d, e`, and `from a import *`. */
export interface FromImport {
  /** As written: `..base.model`. */
  readonly module: string;
  /** `*` alone, or names with what they are called here. */
  readonly names: readonly { readonly name: string; readonly alias: string; readonly node: SyntaxNode }[];
}

/** A `from … import …` in its parts; undefined for `import …`. */
export function fromImport(node: SyntaxNode, source: PythonSource): FromImport | undefined {
  const children = childrenOf(node);
  const at = children.findIndex(({ name }) => name === 'import');
  if (children[0]?.name !== 'from' || at < 0) return undefined;
  const module = children
    .slice(1, at)
    .map((child) => textOf(source, child))
    .join('');
  const nodes = children.slice(at + 1).filter(({ name }) => name !== '(' && name !== ')');
  const names = splitAt(nodes, ',').map(([first, as, alias, ...more]) => {
    const isRead = more.length === 0 && (as === undefined || (as.name === 'as' && alias !== undefined));
    if (first === undefined || !isRead) throw notRead(source, node);
    return { name: textOf(source, first), alias: textOf(source, alias ?? first), node: first };
  });
  return { module, names };
}

/** An import outside of `with read_base()`: the names of types, `mmdet.models.RetinaNet`. */
export function importStatement(node: SyntaxNode, scope: Scope): void {
  const from = fromImport(node, scope.source);
  if (from === undefined) importModules(node, scope);
  else importNames(from, node, scope);
}

function importNames({ module, names }: FromImport, node: SyntaxNode, scope: Scope): void {
  // What a config is read with itself.
  if (module === 'mmengine.config' && names.every(({ name }) => name === 'read_base')) return;
  refuseStandard(module, node, scope);
  for (const { name, alias, node: place } of names) {
    if (name === '*' || module.startsWith('.')) {
      throw invalid(scope.source, place, "imports of other configs below 'with read_base():' alone");
    }
    named(alias, new PythonImported(`${module}.${name}`, false), scope);
  }
}

/** `import torch.nn as nn` is the module itself, `import torch.nn` the package that it is in. */
function importModules(node: SyntaxNode, scope: Scope): void {
  for (const parts of splitAt(childrenOf(node).slice(1), ',')) {
    const at = parts.findIndex(({ name }) => name === 'as');
    const alias = at < 0 ? undefined : parts[at + 1];
    const module = (at < 0 ? parts : parts.slice(0, at)).map((part) => textOf(scope.source, part)).join('');
    refuseStandard(module, node, scope);
    const [root = module] = module.split('.');
    if (alias === undefined) named(root, new PythonImported(root, true), scope);
    else named(textOf(scope.source, alias), new PythonImported(module, true), scope);
  }
}

function named(name: string, value: PythonImported, { names, imported }: Scope): void {
  names.set(name, value);
  imported.add(name);
}

function refuseStandard(module: string, node: SyntaxNode, { source }: Scope): void {
  const [root = ''] = module.split('.');
  if (!STANDARD_MODULES.has(root)) return;
  throw invalid(source, node, 'imports that name types of models alone', { received: module, hint: DUMP });
}
