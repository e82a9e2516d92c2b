/**
 * The Kalman filter of ByteTrack (that of SORT with a deep association metric, Wojke et al., arXiv 1703.07402): the centre
 * x, y, the aspect ratio a = width / height and the height h of a box, each with a constant velocity; a step is one frame.
 *
 * Its noise is diagonal, and it couples each of the four with its own velocity alone. So the covariance [8, 8] of the
 * reference is four of [2, 2] with zeros around them, and the filter is four filters of two numbers.
 */

/** Noise of a step, relative to the height: of the places, and of the velocities. */
const POSITION_WEIGHT = 1 / 20;
const VELOCITY_WEIGHT = 1 / 160;
/** Noise of the aspect ratio, which has no pixels: of a step, of its velocity, of what is measured. */
const ASPECT_STEP = 1e-2;
const ASPECT_VELOCITY = 1e-5;
const ASPECT_MEASURED = 1e-1;

/** Places in the state. */
const ASPECT = 2;
const HEIGHT = 3;
const VELOCITY = 4;
const HEIGHT_VELOCITY = 7;
/** For each of the four: variance of the place, covariance with the velocity, variance of the velocity. */
const COVARIANCE = 8;
const STATE_LENGTH = 20;

/** `[x, y, a, h, their velocities, their three covariances]`: 20 numbers, changed in place. */
export type BoxState = Float64Array;

/** The state of a box that was seen once: velocities 0. @param boxes `[count, 4]` as x1, y1, x2, y2; sides above 0. */
export function startFilter(boxes: Float64Array, index: number): BoxState {
  const state = new Float64Array(STATE_LENGTH);
  measure(boxes, index, state);
  const height = state[HEIGHT] ?? 0;
  const place = 2 * POSITION_WEIGHT * height;
  const velocity = 10 * VELOCITY_WEIGHT * height;
  for (let i = 0; i < VELOCITY; i++) {
    const at = COVARIANCE + i * 3;
    state[at] = (i === ASPECT ? ASPECT_STEP : place) ** 2;
    state[at + 2] = (i === ASPECT ? ASPECT_VELOCITY : velocity) ** 2;
  }
  return state;
}

/** Moves a state on by one frame. @param unseen a box that was not seen in the last frame keeps its height. */
export function predictFilter(state: BoxState, unseen: boolean): void {
  const height = state[HEIGHT] ?? 0;
  if (unseen) state[HEIGHT_VELOCITY] = 0;
  for (let i = 0; i < VELOCITY; i++) {
    const at = COVARIANCE + i * 3;
    const place = i === ASPECT ? ASPECT_STEP : POSITION_WEIGHT * height;
    const velocity = i === ASPECT ? ASPECT_VELOCITY : VELOCITY_WEIGHT * height;
    const both = state[at + 1] ?? 0;
    const velocityVariance = state[at + 2] ?? 0;
    state[i] = (state[i] ?? 0) + (state[VELOCITY + i] ?? 0);
    state[at] = (state[at] ?? 0) + 2 * both + velocityVariance + place * place;
    state[at + 1] = both + velocityVariance;
    state[at + 2] = velocityVariance + velocity * velocity;
  }
}

const measured = new Float64Array(VELOCITY);

/** Corrects a state by a box that was seen. @param boxes `[count, 4]` as x1, y1, x2, y2; sides above 0. */
export function correctFilter(state: BoxState, boxes: Float64Array, index: number): void {
  measure(boxes, index, measured);
  const noise = POSITION_WEIGHT * (state[HEIGHT] ?? 0);
  for (let i = 0; i < VELOCITY; i++) {
    const at = COVARIANCE + i * 3;
    const place = state[at] ?? 0;
    const both = state[at + 1] ?? 0;
    const error = i === ASPECT ? ASPECT_MEASURED : noise;
    const variance = place + error * error;
    const gain = place / variance;
    const velocityGain = both / variance;
    const innovation = (measured[i] ?? 0) - (state[i] ?? 0);
    state[i] = (state[i] ?? 0) + innovation * gain;
    state[VELOCITY + i] = (state[VELOCITY + i] ?? 0) + innovation * velocityGain;
    state[at] = place - gain * gain * variance;
    state[at + 1] = both - gain * velocityGain * variance;
    state[at + 2] = (state[at + 2] ?? 0) - velocityGain * velocityGain * variance;
  }
}

/** The box of a state, to place `index` of `out`. @param out `[count, 4]` as x1, y1, x2, y2. */
export function writeFilteredBox(state: BoxState, out: Float64Array, index: number): void {
  const height = state[HEIGHT] ?? 0;
  const width = (state[ASPECT] ?? 0) * height;
  const x1 = (state[0] ?? 0) - width / 2;
  const y1 = (state[1] ?? 0) - height / 2;
  out[index * 4] = x1;
  out[index * 4 + 1] = y1;
  out[index * 4 + 2] = x1 + width;
  out[index * 4 + 3] = y1 + height;
}

/** Centre, aspect ratio and height of a box, to the front of `out`. */
function measure(boxes: Float64Array, index: number, out: Float64Array): void {
  const x1 = boxes[index * 4] ?? 0;
  const y1 = boxes[index * 4 + 1] ?? 0;
  const width = (boxes[index * 4 + 2] ?? 0) - x1;
  const height = (boxes[index * 4 + 3] ?? 0) - y1;
  out[0] = x1 + width / 2;
  out[1] = y1 + height / 2;
  out[ASPECT] = width / height;
  out[HEIGHT] = height;
}
