/** Where an engine may keep what its runtime has made of a network, so that the next start need not make it again. */
export interface KeptNetwork {
  /** The folder of all networks that are kept; nothing else is in it. */
  readonly folder: string;
  /** Another one for another network, other weights, or another way from these to what the runtime reads. */
  readonly key: string;
  /** Smaller models are not kept. */
  readonly leastBytes: number;
  /** Of all networks together. What was used longest ago goes first. */
  readonly mostBytes: number;
  /** Whether `key` is still true, asked once the network has been read: the file of its weights may have changed meanwhile. */
  readonly holds: () => boolean;
  /** Told in one line why a network cannot be kept. */
  readonly say: (line: string) => void;
}
