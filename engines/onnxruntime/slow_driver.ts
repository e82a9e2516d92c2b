/** Drivers that take long, or hang: native code cannot be interrupted, so somebody has to be told what is waited for. */

/** Seconds after which something is said: the first time a driver may compile programs for longer. */
const SILENT = 15;

/** What it is given, unchanged. */
export type Watching = <Result>(what: string, work: Promise<Result>) => Promise<Result>;

/**
 * Tells, once, when something has not been done within `seconds` on a device with a driver. A call is not given up for it.
 * @param tell given one line.
 */
export function watchDriver(device: string, tell: ((line: string) => void) | undefined, seconds = SILENT): Watching {
  let told = tell === undefined || device === 'cpu';
  return async (what, work) => {
    if (told) return work;
    const timer = setTimeout(() => {
      if (!told) tell?.(slowDriver(device, what, seconds));
      told = true;
    }, 1000 * seconds);
    timer.unref();
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
}

function slowDriver(device: string, what: string, seconds: number): string {
  return `${device}: ${what} has taken ${seconds} s so far. Its driver compiles programs, which may take minutes the first time, or it hangs; lowformer doctor tries each device and comes to an end`;
}
