/** Whether networks fit into memory together. */

/** Part of the memory that is free which networks may fill: others need some, and estimates err. */
const SHARE = 0.7;

/**
 * All in one set, where they fit; else the first beside each of the others in turn, so that each is still compared with
 * the first, round by round.
 * @param needs bytes of each.
 * @returns places in `needs`, those that are open at the same time together.
 */
export function openTogether(needs: readonly number[], available: number): readonly (readonly number[])[] {
  const places = needs.map((_, place) => place);
  const total = needs.reduce((sum, need) => sum + need, 0);
  if (places.length <= 2 || total <= SHARE * available) return [places];
  return places.slice(1).map((place) => [0, place]);
}
