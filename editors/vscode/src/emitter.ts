// A small event emitter of the shape of VS Code's, for parts that know nothing of VS Code and are tested without it.

/** Something to be let go. */
export interface Disposable {
  dispose(): void;
}

/** A list of listeners. */
export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => unknown>();

  /** Adds a listener until what is returned is disposed of; of the shape of `vscode.Event`. */
  readonly event = (listener: (value: T) => unknown, self?: unknown, disposables?: Disposable[]): Disposable => {
    const bound = (value: T) => listener.call(self, value);
    this.listeners.add(bound);
    const disposable = { dispose: () => void this.listeners.delete(bound) };
    disposables?.push(disposable);
    return disposable;
  };

  /** Tells every listener; one that fails keeps no other from being told. */
  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        console.error("glossator: a listener failed", error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
