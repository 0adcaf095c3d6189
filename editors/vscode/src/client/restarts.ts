// When a server that ended is started again, and when that is given up. Pure.

/** Ends within this time count together, in milliseconds. */
const WINDOW = 180_000;

/** So many ends within it are one too many. */
const MOST = 5;

/** The ends of the server up to now. */
export class Restarts {
  private ends: number[] = [];

  /** It ended at `now`: how long to wait before it is started again, in milliseconds; undefined: it is given up. */
  next(now: number): number | undefined {
    this.ends = [...this.ends.filter((at) => now - at < WINDOW), now];
    return this.ends.length < MOST ? 100 * 3 ** (this.ends.length - 1) : undefined;
  }

  /** The user starts it: what was does not count. */
  forget(): void {
    this.ends = [];
  }
}
