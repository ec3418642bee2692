/** What a viewer has folded and opened in the drawing of one run. */

export class Folding {
  /** Heads of columns that show all their units. @type {Set<string>} */
  opened = new Set();
  /** Blocks that are drawn as one column; null where no viewer has said. @type {Set<string> | null} */
  #chosen = null;
  /** @type {string | null} */
  #run = null;

  /** Begin anew where the drawing is of another run. @param {string | null} run its id */
  follow(run) {
    if (run === this.#run) return;
    [this.#run, this.#chosen] = [run, null];
    this.opened.clear();
  }

  /**
   * The blocks that are drawn as one: those that were folded by hand, or as many as it takes to fit.
   *
   * @param {Set<string>} fitting
   */
  blocks(fitting) {
    return this.#chosen ?? fitting;
  }

  /** Fold a block, or unfold it. @param {string} block @param {Set<string>} fitting */
  turnBlock(block, fitting) {
    const folded = new Set(this.blocks(fitting));
    if (!folded.delete(block)) folded.add(block);
    this.#chosen = folded;
  }

  /** Show all units of a column, or those that fit. @param {string} head */
  turnUnits(head) {
    if (!this.opened.delete(head)) this.opened.add(head);
  }
}
