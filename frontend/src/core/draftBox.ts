import { api, take } from "./api";
import { storedDraft, storeDraft } from "./drafts";
import { Emitter } from "./emitter";
import { RequestFailed } from "./errors";
import type { Socket } from "./socket";

const SAVE_AFTER_MS = 400;
const REMEMBERED = 5;

export interface DraftState {
  text: string;
  /** False until what was kept here has been read. */
  ready: boolean;
  /** When the text was last safe in this browser; null while nothing is. */
  savedAt: number | null;
  /** What was written on another device while something else stands here: this box keeps its own words until the person chooses. */
  other: string | null;
}

/** What the server holds of a draft; version 0: there never was one. */
interface Held {
  text: string;
  version: number;
}

/** How drafts travel between the devices of a person. */
export interface DraftServer {
  get(): Promise<Held>;
  /** Rejects with `draft.newer` when another device has stored something since `version`. */
  put(text: string, version: number): Promise<Held>;
  /** Told when another device has stored one (with its version), and after each reconnect (with null). */
  onNews(listener: (version: number | null) => void): () => void;
}

export function draftServer(thread_id: string, socket: Socket): DraftServer {
  const params = { path: { thread_id } };
  return {
    get: () => take(api.GET("/api/drafts/{thread_id}", { params })),
    put: (text, version) => take(api.PUT("/api/drafts/{thread_id}", { params, body: { text, version } })),
    onNews(listener) {
      const leave = [
        socket.on("draft.changed", (frame) => {
          if (frame.consultation === thread_id) listener(frame.version);
        }),
        socket.on("welcome", () => listener(null)),
      ];
      return () => leave.forEach((off) => off());
    },
  };
}

/** The words that somebody has begun to write in a thread. Safe in this browser 400 ms after the last change, then at the server, from
 * where their other devices take them. Another device's words never take the place of words that only this one has. */
export class DraftBox {
  private current: DraftState = { text: "", ready: false, savedAt: null, other: null };
  private readonly changes = new Emitter<undefined>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The server's version that `text` was written on. */
  private version = 0;
  private unsaved = false;
  private pushing = false;
  /** The last texts that went up without an answer: the server may hold one of them. */
  private unanswered: string[] = [];
  private newest = 0;
  private leave: (() => void) | null = null;

  constructor(
    private readonly owner: string,
    private readonly place: string,
    private readonly server: DraftServer | null,
    private readonly delay = SAVE_AFTER_MS,
  ) {}

  get state(): DraftState {
    return this.current;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  async start(): Promise<void> {
    window.addEventListener("pagehide", this.flush);
    this.leave = this.server?.onNews((version) => void this.hear(version)) ?? null;
    // Storage may be forbidden: the box still works, it only keeps nothing.
    const kept = await storedDraft(this.owner, this.place).catch(() => null);
    this.version = kept?.version ?? 0;
    this.unsaved = kept?.unsaved ?? false;
    this.show({ text: kept?.text ?? "", savedAt: kept?.text ? kept.at : null, ready: true });
    await this.hear(null);
  }

  stop(): void {
    this.flush();
    this.leave?.();
    window.removeEventListener("pagehide", this.flush);
  }

  change(text: string): void {
    this.unsaved = true;
    this.show({ text });
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, this.delay);
  }

  /** Empties the box, unless something was typed after `text` was sent. */
  sent(text: string): void {
    if (this.current.text !== text) return;
    this.change("");
    this.flush();
  }

  /** Takes the other device's words, or leaves them. Either way what then stands here goes up. */
  choose(which: "other" | "mine"): void {
    const { other, text } = this.current;
    this.show({ other: null });
    this.change(which === "other" && other !== null ? other : text);
    this.flush();
  }

  /** Keeps what is typed, at once. */
  readonly flush = (): void => {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.keep()
      .then(() => this.show({ savedAt: Date.now() }))
      .then(() => this.push());
  };

  /** What stands here goes into the store of this browser. */
  private async keep(): Promise<void> {
    const { text } = this.current;
    await storeDraft({ key: `${this.owner}:${this.place}`, text, at: Date.now(), version: this.version, unsaved: this.unsaved });
  }

  /** Sends up what the server lacks, one request at a time. Whatever fails is tried again at the next change or reconnect. */
  private async push(): Promise<void> {
    if (!this.server || this.pushing) return;
    this.pushing = true;
    try {
      while (this.unsaved) await this.pushOnce(this.server);
    } catch (error) {
      if (error instanceof RequestFailed && error.coded.code === "draft.newer") this.newest = this.version + 1;
    } finally {
      this.pushing = false;
    }
    if (this.newest > this.version) await this.pull();
  }

  private async pushOnce(server: DraftServer): Promise<void> {
    const { text } = this.current;
    this.unanswered = [...this.unanswered, text].slice(-REMEMBERED);
    const { version } = await server.put(text, this.version);
    this.unanswered = [];
    this.version = version;
    if (this.current.text === text) this.unsaved = false;
    await this.keep();
  }

  private async hear(version: number | null): Promise<void> {
    if (version === null) return this.unsaved ? this.push() : this.pull();
    this.newest = Math.max(this.newest, version);
    if (!this.pushing && version > this.version) await this.pull();
  }

  private async pull(): Promise<void> {
    const before = this.version;
    const held = await this.server?.get().catch(() => null);
    // An answer that was overtaken by a push of this box is old.
    if (!held || held.version === before || this.version !== before || this.pushing) return;
    const { text } = this.current;
    const ours = this.unsaved && text !== "" && text !== held.text;
    const stale = held.text === "" || this.unanswered.includes(held.text); // nothing there, or our own earlier words
    this.version = this.newest = held.version;
    if (!ours) {
      this.unsaved = false;
      this.show({ text: held.text, other: null, savedAt: Date.now() });
    } else if (!stale) {
      this.show({ other: held.text });
    }
    await this.keep();
    if (ours && stale) await this.push();
  }

  private show(part: Partial<DraftState>): void {
    this.current = { ...this.current, ...part };
    this.changes.emit(undefined);
  }
}
