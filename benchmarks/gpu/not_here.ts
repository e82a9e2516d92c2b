/** Thrown by a step for which something is missing: the run goes on, and the step is `not here`. */
export class NotHere extends Error {}
