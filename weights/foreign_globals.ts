/**
 * Names in a pickle that are on no list: classes of trainers, of optimizers, of the user's own code. What is made of them is
 * left out of what is read, and nothing of it is run. Refused are those that would run commands, open files or reach a network
 * where Python loads the file: whoever has such a file should hear of it before it is opened elsewhere.
 */

/** Modules of Python's that do, with all that is in them. */
const MODULES = new Set(
  `os posix nt sys subprocess _posixsubprocess pty shutil socket runpy importlib imp ctypes webbrowser code codeop commands
  pickle cPickle _pickle marshal shelve pdb bdb profile cProfile timeit trace pip asyncio multiprocessing tempfile http urllib
  urllib2 ftplib smtplib telnetlib xmlrpc inspect gc linecache zipimport pkgutil fileinput signal platform builtins __builtin__
  types io _io nturl2path posixpath ntpath`.split(/\s+/),
);

/** Names through which other modules lead there: `torch.hub.os.system`, `object.__subclasses__`. */
const WITHIN = new Set(
  `os sys posix nt subprocess system popen eval exec execfile __import__ import_module __builtins__ __globals__
  __subclasses__ __code__ __dict__ __class__ __bases__ __mro__ __getattribute__ __init_subclass__ run_module run_path runctx
  runcode runstring load_library load_inline load_url load_state_dict_from_url`.split(/\s+/),
);

/** Parts of libraries that load files or code. */
const LOADERS =
  /^(?:torch\.(?:load|save|hub|package|classes|ops|serialization|storage|utils\.(?:cpp_extension|model_zoo|_freeze)|jit|multiprocessing|distributed\.(?:rpc|run|launch(?:er)?|elastic)|_inductor|_dynamo)|numpy\.(?:load|save\w*|fromfile|memmap|loadtxt|genfromtxt|testing|f2py|distutils|DataSource|lib\.(?:npyio|format)))\.[a-z_]|^(?:torch\.(?:load|save)|numpy\.(?:load|save\w*|fromfile|loadtxt|genfromtxt))$/;

/** What of Python's own is data, or a function of data. */
const HARMLESS = [
  /^(?:builtins|__builtin__)\.(?:abs|all|any|bool|callable|chr|divmod|enumerate|filter|format|hash|hex|id|isinstance|issubclass|iter|len|map|max|memoryview|min|next|oct|ord|pow|print|property|repr|reversed|round|sorted|staticmethod|classmethod|sum|super|type|zip|Ellipsis|NotImplemented)$/,
  /^(?:builtins|__builtin__)\.[A-Z]\w*(?:Error|Exception|Warning|Exit|Iteration|Interrupt)$/,
  /^types\.(?:SimpleNamespace|MappingProxyType|NoneType|EllipsisType|GenericAlias|UnionType)$/,
  /^_?io\.(?:BytesIO|StringIO)$/,
  /^signal\.[A-Z]/,
] as const;

/** Whether a name may stand in a checkpoint although it is on no list. */
export function isForeignData(module: string, name: string): boolean {
  const full = `${module}.${name}`;
  if (HARMLESS.some((known) => known.test(full))) return true;
  const parts = full.split('.');
  return !(MODULES.has(parts[0] ?? '') || parts.some((part) => WITHIN.has(part)) || LOADERS.test(full));
}
