/** How long to train: from the amount of data, and from what a step takes on this machine. */

/** Measured: 1400 steps of 6 pictures take a detector from nothing to AP 0.58 on 205 pictures of blood cells. */
const STEPS = 1500;
const PICTURES = 200;
/** Each picture is seen so often at least, and so often at most. */
const EPOCHS = { fewest: 10, most: 300 };
/** Not more, unless that were fewer epochs than the fewest. */
const SECONDS = 2 * 3600;
/** Figures that a curve is made of. */
const VALIDATIONS = 20;
/** Of all steps, those in which the learning rate rises. */
const WARM_UP = 0.05;
const LONGEST_WARM_UP = 500;

export interface TrainingPlan {
  readonly epochs: number;
  /** Of the whole training. */
  readonly steps: number;
  /** Steps in which the learning rate rises. */
  readonly warmUp: number;
  /** Epochs between two validations. */
  readonly validationInterval: number;
  /** As expected; undefined where no step was measured. */
  readonly seconds: number | undefined;
  /** Whether the time that it takes, and not the data, made an end. */
  readonly cut: boolean;
}

/**
 * As the square root of the number of pictures: four times the pictures are worth twice the steps.
 * @param pictures that are trained on.
 * @param secondsPerStep undefined where it was not measured: then nothing is cut.
 */
export function trainingPlan(pictures: number, batchSize: number, secondsPerStep: number | undefined): TrainingPlan {
  const stepsPerEpoch = Math.ceil(pictures / batchSize);
  const wanted = epochsOf(STEPS * Math.sqrt(pictures / PICTURES), stepsPerEpoch);
  const affordable = secondsPerStep === undefined ? wanted : epochsOf(SECONDS / secondsPerStep, stepsPerEpoch);
  const epochs = Math.min(wanted, affordable);
  const steps = epochs * stepsPerEpoch;
  return {
    epochs,
    steps,
    warmUp: Math.max(1, Math.min(LONGEST_WARM_UP, Math.round(steps * WARM_UP))),
    validationInterval: Math.max(1, Math.round(epochs / VALIDATIONS)),
    seconds: secondsPerStep === undefined ? undefined : steps * secondsPerStep,
    cut: epochs < wanted,
  };
}

function epochsOf(steps: number, stepsPerEpoch: number): number {
  return Math.min(EPOCHS.most, Math.max(EPOCHS.fewest, Math.round(steps / stepsPerEpoch)));
}

/** Pictures of a step. Of few pictures less, so that there are several steps in an epoch. */
export function batchSizeFor(pictures: number): number {
  if (pictures >= 24) return 6;
  return pictures >= 8 ? 4 : Math.min(2, pictures);
}
