/** Tries `one` and `two`, as device_probe.js does, and hangs or crashes as its first argument says. */
const [fault, ...skipped] = process.argv.slice(2);
const send = (message) => new Promise((resolve) => process.send(message, resolve));
if (fault === 'silent') setInterval(() => {}, 1000);
else {
  for (const name of ['one', 'two', 'three'].filter((device) => !skipped.includes(device))) {
    await send({ kind: 'trying', name });
    if (name === 'two' && fault === 'hangs') await new Promise(() => setInterval(() => {}, 1000));
    if (name === 'two' && fault === 'crashes') process.kill(process.pid, 'SIGSEGV');
    await send({ kind: 'tried', state: { name, available: true } });
  }
  await send({ kind: 'done', version: '1' });
  process.disconnect();
}
