/** A set of listeners that survives one of them leaving while it is being told. */
export class Emitter<Value> {
  private readonly listeners = new Set<(value: Value) => void>();

  /** Returns the function that takes the listener away again. */
  add(listener: (value: Value) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(value: Value): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
