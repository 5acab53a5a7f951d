import type { Socket } from "./socket";

const AGAIN_MS = 3_000;
const ENDS_MS = 6_000;

/** Who types in a thread: says it of this person, at most every three seconds, and `show`s it of the others. */
export class Typists {
  private told = 0;
  private readonly until = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly thread: string,
    private readonly socket: Socket,
    private readonly show: (person: string, on: boolean) => void,
  ) {}

  /** Call at every keystroke. */
  typed(): void {
    const now = Date.now();
    if (now - this.told < AGAIN_MS) return;
    this.told = now;
    this.socket.tell({ type: "typing", consultation: this.thread, on: true });
  }

  ended(): void {
    if (this.told === 0) return;
    this.told = 0;
    this.socket.tell({ type: "typing", consultation: this.thread, on: false });
  }

  /** Typing ends by itself: the word that it ended may be lost with a connection. */
  heard(person: string, on: boolean): void {
    clearTimeout(this.until.get(person));
    this.show(person, on);
    if (on) this.until.set(person, setTimeout(() => this.show(person, false), ENDS_MS));
  }

  stop(): void {
    for (const timer of this.until.values()) clearTimeout(timer);
  }
}
