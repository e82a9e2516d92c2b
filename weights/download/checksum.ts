/** What a downloaded file is held to: SHA-256, all its digits or its first. No Node API. */
import { LowformerError } from '../../core/errors.js';

/** The beginning of a file's SHA-256, as lower-case hexadecimal digits: 8 to 64 of them. */
export type Checksum = string;

/** `model.pth#sha256:0123…`; pip writes `=` in place of the colon. */
const FRAGMENT = /^#sha256[:=]([0-9a-f]{8,64})$/i;

/**
 * The digits that an address carries: behind it (`#sha256:…`), else in the file's name as OpenMMLab and torch write them:
 * `retinanet_r50_fpn_1x_coco_20200130-c2398f9e.pth`. Eight digits find damage; all 64 also find what was forged.
 * @throws {LowformerError} `invalid-argument` for anything else behind `#`.
 */
export function checksumOf(fragment: string, fileName: string): Checksum | undefined {
  if (fragment === '') return inName(fileName);
  const [, digits] = FRAGMENT.exec(fragment) ?? [];
  if (digits !== undefined) return digits.toLowerCase();
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'checkpoint',
    expected: 'nothing behind an address, or #sha256: and 8 to 64 hexadecimal digits,',
    received: fragment,
  });
}

/** Whether every digit is there, so that nobody can make another file of them. */
export function isWhole(checksum: Checksum | undefined): boolean {
  return checksum?.length === 64;
}

/** A date is no checksum, unless it stands where OpenMMLab's are: behind the date. */
const DATE = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

function inName(name: string): Checksum | undefined {
  const [, before = '', digits] = /^(.*)-([0-9a-f]{8})\.(?:pth|pt|pth\.tar|ckpt|bin|safetensors)$/.exec(name) ?? [];
  if (digits === undefined || (DATE.test(digits) && !/\d{8}$/.test(before))) return undefined;
  return digits;
}
