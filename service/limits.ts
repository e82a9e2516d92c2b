/** How much a request may ask for, and how much may be asked for at a time. */
export interface ServiceLimits {
  /** Bytes of a request's body. */
  readonly bytes: number;
  /** Pixels of a picture, as its header says before it is decoded. */
  readonly pixels: number;
  /** Pictures of a request. */
  readonly pictures: number;
  /** Pictures that wait for a model; where there is no room for a request's, it is refused with 429. */
  readonly waiting: number;
  /** Milliseconds from a request's first byte to its answer. */
  readonly time: number;
}

export const DEFAULT_LIMITS: ServiceLimits = {
  bytes: 32 * 2 ** 20,
  pixels: 50e6,
  pictures: 16,
  waiting: 64,
  time: 60_000,
};

/** Bytes of bodies that are held at a time, of all requests together; a body that is larger alone has it to itself. */
export const MOST_HELD = 512 * 2 ** 20;
