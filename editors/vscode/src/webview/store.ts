// Values that views look at, and a queue that lets them change once a frame, however fast news come.

import { useEffect, useState } from "preact/hooks";

/** A value that tells when it is another one. */
export class Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  /** Sets it; the same value again is no news. */
  set(value: T): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    for (const listener of [...this.listeners]) listener();
  }

  /** Sets some of its fields. */
  patch(fields: Partial<T>): void {
    this.set({ ...this.current, ...fields });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** What `select` takes of a store's value; the view is drawn again when that changes. */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  const selected = select(store.value);
  const [, redraw] = useState({});
  useEffect(() => {
    let last = selected;
    const look = (): void => {
      const now = select(store.value);
      if (Object.is(now, last)) return;
      last = now;
      redraw({});
    };
    // It may have changed between drawing and now.
    look();
    return store.subscribe(look);
  }, [store]);
  return selected;
}

/** Milliseconds after which a page that draws no frames (hidden, or behind others) goes on all the same. */
const UNSEEN = 250;

/** Gathers what is added and hands it on with the next frame. */
export class Frames<T> {
  private waiting: T[] = [];
  private timer = 0;
  private frame = 0;

  constructor(private readonly deliver: (batch: readonly T[]) => void) {}

  add(one: T): void {
    this.waiting.push(one);
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => this.flush());
    this.timer = window.setTimeout(() => this.flush(), UNSEEN);
  }

  flush(): void {
    cancelAnimationFrame(this.frame);
    window.clearTimeout(this.timer);
    this.frame = 0;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 0) this.deliver(batch);
  }
}
