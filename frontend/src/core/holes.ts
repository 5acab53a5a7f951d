import { backoff } from "./backoff";
import type { Timeline } from "./timeline";

const PATIENCE = { first: 4_000, most: 60_000 };

/** Notices that a timeline waits for something that does not come: the server says that there is more than is here, and nothing moves.
 * A connection that is lost heals by itself; this is for one that stays. */
export class HoleWatch {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(
    private readonly timeline: () => Timeline,
    /** Asks for everything after what is here. */
    private readonly again: () => void,
  ) {}

  /** Call whenever events have come. */
  look(): void {
    const { cursor, head } = this.timeline();
    if (cursor >= head) return this.stop();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const moved = this.timeline().cursor > cursor;
      this.asked = moved ? 0 : this.asked + 1;
      if (!moved) this.again();
      this.look();
    }, backoff(this.asked, PATIENCE));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asked = 0;
  }
}
