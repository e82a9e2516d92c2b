/** What reading a Python config may take: enough for any, and an end for those that are made to have none. */

/** Steps and values, in one file: about a second. The largest config of OpenMMLab takes some 60,000. */
const MOST_WORK = 2_000_000;
/** Items of one list, and characters of one text. */
const MOST_ITEMS = 500_000;
/** Brackets, sums and dicts within one another. */
const MOST_LEVELS = 100;

/** What is too much, said as what was expected. Who knows the place in the file says where. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

export class Budget {
  private work = 0;

  /** @throws {BudgetError} after more steps than any config takes. */
  spend(steps = 1): void {
    this.work += steps;
    if (this.work > MOST_WORK) throw new BudgetError(`a config that is read in ${MOST_WORK} steps`);
  }

  /** Before a list of so many items, or a text of so many characters, is made. @throws {BudgetError} */
  make(items: number): void {
    if (items > MOST_ITEMS) throw new BudgetError(`lists and texts of at most ${MOST_ITEMS} items`);
    this.spend(items);
  }

  /** @throws {BudgetError} at a depth that no config has, or a value that contains itself. */
  enter(level: number): void {
    if (level > MOST_LEVELS) throw new BudgetError(`at most ${MOST_LEVELS} levels within one another`);
    this.spend();
  }
}
