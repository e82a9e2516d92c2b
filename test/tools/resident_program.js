// A process in which calls of the built command run one after another: it sets for each what a process of its own would start
// with (folder, environment, exit code), and has done when nothing of the call keeps a process alive any more. What a call throws
// or ends, ends this process, as it would end its own; so does what a call leaves to the end of its process.
import { interruption } from '../../dist/files/interruption.js';
import { main } from '../../dist/tools/main.js';
import { watchStandardStreams } from '../../dist/tools/standard_streams.js';

/** Above it, what the calls before have left in memory would be in the next one's way. */
const MOST_BYTES = 2 ** 30;

watchStandardStreams(() => {});

process.on('message', async ({ args, cwd, env, mark }) => {
  const idle = count(process.getActiveResourcesInfo());
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  await main(args, new AbortController().signal);
  while (isAtWork(idle)) await new Promise((resolve) => setTimeout(resolve, 1));
  const code = process.exitCode ?? 0;
  // A call that took too long hears a signal, and may have done all in spite of it: the next one must not.
  const used = interruption.exitCode() !== undefined || leavesWork() || process.memoryUsage.rss() > MOST_BYTES;
  if (used) process.exit(code);
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send({ code });
});

function count(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What keeps a process alive: open handles and requests. */
function isAtWork(idle) {
  return [...count(process.getActiveResourcesInfo())].some(([name, number]) => number > (idle.get(name) ?? 0));
}

/** Of `process.once('exit', …)`: files that are removed at the end. */
function leavesWork() {
  return process.rawListeners('exit').some((listener) => 'listener' in listener);
}
