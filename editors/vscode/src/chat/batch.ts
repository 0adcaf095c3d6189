// Gathers what comes one by one and hands it on in batches, in order: a message to the page for each fragment of a fast
// model would cost more than the fragment.

/** Hands on what was added, at most once in so many milliseconds. */
export class Batch<T> {
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private held = false;

  constructor(
    private readonly millis: number,
    private readonly deliver: (batch: readonly T[]) => void,
  ) {}

  /** Adds one; the first of a batch starts the clock. */
  add(one: T): void {
    this.waiting.push(one);
    if (!this.held) this.timer ??= setTimeout(() => this.flush(), this.millis);
  }

  /** Hands on what waits, now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 0) this.deliver(batch);
  }

  /** From now on everything waits, until `release`. */
  hold(): void {
    this.held = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Hands on what waits, and goes on. */
  release(): void {
    this.held = false;
    this.flush();
  }

  /** Drops what waits. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = [];
  }
}
