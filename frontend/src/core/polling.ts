import { post } from "./api";
import { codedFrom } from "./errors";
import { newClientId } from "./ids";
import type { Ack, ServerFrame } from "./protocol";
import { CLOSE_ABNORMAL, closeCode, type Wire, type WireEnds } from "./wire";

/** Seconds that a poll waits for news; the server allows 25, and a request of this browser ends after 30. */
const WAIT_S = 20;
/** A tab that nobody looks at asks now and then instead: browsers open only six connections to a server. */
const HIDDEN_EVERY_MS = 4_000;

/** The same frames over plain HTTP, where no WebSocket gets through: news by polling, commands by POST. */
export class PollingWire implements Wire {
  /** The server keeps what happens between two polls of this name. */
  private readonly line = newClientId();
  /** The followed threads, each with the request that still waits for its ack. */
  private readonly threads = new Map<string, string | null>();
  private turn = 0;
  private closed = false;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly cursor: (thread: string) => number,
    private readonly ends: WireEnds,
  ) {
    document.addEventListener("visibilitychange", this.poll);
    this.poll();
  }

  send(frame: { type: string; id: string }): boolean {
    if (this.closed) return false;
    const { type, id, consultation } = frame as { type: string; id: string; consultation?: string };
    if (type === "timeline.follow" && consultation) {
      this.threads.set(consultation, id);
      this.poll();
    } else if (type === "timeline.unfollow" && consultation) {
      this.threads.delete(consultation);
      this.ends.hear({ type: "ack", id, consultation });
    } else {
      void this.command(frame);
    }
    return true;
  }

  /** Stops asking for news; commands that are under way are still answered. */
  close(): void {
    this.closed = true;
    clearTimeout(this.soon);
    document.removeEventListener("visibilitychange", this.poll);
  }

  private async command(frame: { id: string }): Promise<void> {
    try {
      this.ends.hear((await post("/api/commands", frame)) as Ack);
    } catch (error) {
      this.ends.hear({ type: "error", id: frame.id, ...codedFrom(error) } as ServerFrame);
    }
  }

  /** Asks anew, with what is followed now. The poll that waits is answered by that, empty or not, and ends. */
  private readonly poll = (): void => {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.keepAsking(++this.turn), 0);
  };

  private async keepAsking(turn: number): Promise<void> {
    try {
      while (turn === this.turn && !this.closed) {
        const hidden = document.visibilityState === "hidden";
        const since = Object.fromEntries([...this.threads.keys()].map((thread) => [thread, this.cursor(thread)]));
        const { frames } = (await post("/poll/", { line: this.line, since, wait: hidden ? 0 : WAIT_S })) as { frames: ServerFrame[] };
        for (const frame of frames) this.take(frame);
        if (hidden) await new Promise((resolve) => setTimeout(resolve, HIDDEN_EVERY_MS));
      }
    } catch (error) {
      if (turn === this.turn && !this.closed) this.end(closeCode(error, CLOSE_ABNORMAL));
    }
  }

  private end(code: number): void {
    this.close();
    this.ends.over(code);
  }

  /** What a poll says about a followed thread bears the thread's id: whoever asked to follow it knows it by the request. */
  private take(frame: ServerFrame): void {
    if (this.closed) return;
    const thread = frame.type === "ack" || frame.type === "error" ? frame.id : null;
    if (thread === null || !this.threads.has(thread)) return this.ends.hear(frame);
    const request = this.threads.get(thread) ?? null;
    if (frame.type === "error") this.threads.delete(thread);
    else this.threads.set(thread, null);
    if (request !== null) this.ends.hear({ ...frame, id: request } as ServerFrame);
  }
}
