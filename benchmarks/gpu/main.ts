/**
 * A program: runs every step that this machine can run, one after the other, and keeps what each has found at once.
 * `main.js OUT.json WORK_FOLDER SECONDS short|whole STEP_SECONDS ONLY`, the last two empty where nothing is asked; run.sh starts it, and ends it where it should hang.
 */
import { writeFileSync } from 'node:fs';
import { describeMachine } from '../../measuring/machine.js';
import { nvidiaCard, type VulkanWay, vulkanWays } from './card.js';
import { type RunRecord, type StepRecord, stepSchema } from './record.js';
import { runStep } from './run_step.js';
import { STEPS, type Step } from './steps.js';
import { runTable } from './table.js';

/** Seconds that a step gets after it was asked to end, and that the end of the run keeps. */
const GRACE = 8;
/** A step of which less is left than this is not begun. */
const LEAST = 10;

/** Seconds in which a device answers that it is there, and of a try of all of them. */
const PATIENCE = 12;
const DOCTOR = 30;

const [out = '', work = '', seconds = '', form = '', asked = '', only = ''] = process.argv.slice(2);
const begun = performance.now();
const left = () => Number(seconds) - (performance.now() - begun) / 1000;
const say = (line: string) => process.stderr.write(`${line}\n`);
const short = form === 'short';
/** No step takes longer, whatever its own bound is. */
const stepSeconds = asked === '' ? Number.POSITIVE_INFINITY : Number(asked);

const steps = chosenSteps();
const card = await nvidiaCard();
if (card === undefined)
  say('No NVIDIA card answers (nvidia-smi, /proc/driver/nvidia): going on with what Vulkan finds.');
else say(`${card.name}, driver ${card.driver}`);

let record: RunRecord = {
  kind: 'gpu',
  date: new Date().toISOString(),
  short,
  complete: false,
  ...(card === undefined ? {} : { card }),
  vulkan: 'none',
  machine: { ...(await describeMachine()) },
  steps: [],
};
keep(record);

const { way, devices } = await foundDevices();
const planned = steps.filter(({ device }) => devices.has(device));
const allowed = planned.reduce((sum, step) => sum + step.seconds, 0);
say(`${planned.length} steps of ${allowed} s at most, in ${Math.round(left())} s`);
record = { ...record, vulkan: way.title };
for (const step of steps) {
  const before = record.steps;
  const add = (found: StepRecord) => {
    record = { ...record, steps: [...before, found] };
    keep(record);
  };
  const none = { name: step.name, seconds: 0, rows: [] };
  if (!devices.has(step.device)) {
    add({ ...none, outcome: 'not here', reason: devices.size === 0 ? 'no device answers' : `no ${step.device}` });
    continue;
  }
  // A driver in software compiles shaders for minutes the first time.
  const most = Math.min(short ? 4 * step.seconds : step.seconds, stepSeconds, left() - 2 * GRACE);
  if (most < Math.min(LEAST, step.seconds, stepSeconds)) {
    add({ ...none, outcome: 'no time left' });
    continue;
  }
  const program = new URL('./step.js', import.meta.url);
  const args = [step.name, String(most), short ? 'short' : 'whole'];
  const found = await runStep(
    step.name,
    { program, args, env: environment(way) },
    { seconds: most, grace: GRACE },
    add,
  );
  add(found);
  say(`${step.name}: ${found.outcome}, ${found.rows.length} rows, ${found.seconds} s${because(found)}`);
}
record = { ...record, complete: true };
keep(record);
process.stdout.write(`${runTable(record)}\n`);
process.exit(0);

/** Those whose names hold one of the texts that are asked for. */
function chosenSteps(): readonly Step[] {
  const texts = only.split(',').map((text) => text.trim());
  const chosen = STEPS.filter(({ name }) => texts.some((text) => name.includes(text)));
  if (chosen.length > 0) return chosen;
  say(`run.sh: expected parts of names of steps for --only but received '${only}'. Steps are:`);
  for (const { name } of STEPS) say(`  ${name}`);
  process.exit(2);
}

function because({ reason }: StepRecord): string {
  return reason === undefined ? '' : `: ${reason}`;
}

function keep(whole: RunRecord): void {
  // The file is this run's own, and small: what was written before stays readable up to the last step.
  writeFileSync(out, `${JSON.stringify(whole, null, 1)}\n`);
}

function environment({ env }: VulkanWay): NodeJS.ProcessEnv {
  return { ...process.env, ...env, TMPDIR: work };
}

/** The first way by which WebGPU opens; else the last, with what the other devices are. */
async function foundDevices(): Promise<{ readonly way: VulkanWay; readonly devices: ReadonlySet<string> }> {
  const ways = await vulkanWays(work, process.env);
  const program = new URL('./doctor_step.js', import.meta.url);
  let last: { way: VulkanWay; devices: ReadonlySet<string> } = { way: { title: 'none', env: {} }, devices: new Set() };
  const said: string[] = [];
  for (const way of ways) {
    const limits = { seconds: Math.min(DOCTOR, left() - GRACE), grace: 2 };
    const args = [String(Math.min(PATIENCE, stepSeconds))];
    const found = await runStep('doctor', { program, args, env: environment(way) }, limits, () => {});
    const devices = new Set(found.rows.filter(({ here }) => here === true).map(({ device }) => String(device)));
    said.push(
      `${way.title}: ${found.rows.find(({ device }) => device === 'webgpu')?.reason ?? found.reason ?? 'opens'}`,
    );
    record = { ...record, steps: [stepSchema.parse({ ...found, reason: said.join('\n') })] };
    keep(record);
    if (devices.has('webgpu')) return { way, devices };
    if (devices.size >= last.devices.size) last = { way: { title: 'no driver that WebGPU opens', env: {} }, devices };
  }
  say('WebGPU opens with no driver of this machine:');
  for (const line of said) say(`  ${line}`);
  return last;
}
