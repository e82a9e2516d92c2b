/** A learning rate that schedules move: of a group of parameters, or the optimiser's own, which logs tell. */
export interface LearningRate {
  /** Before any schedule. */
  readonly initial: number;
  /** Of the next step. */
  current: number;
}
