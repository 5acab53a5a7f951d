import { backoff } from "./backoff";
import { database, type OutboxFile, type OutboxItem } from "./db";
import { Emitter } from "./emitter";
import { codedFrom } from "./errors";
import type { Uploader } from "./outboxFiles";
import type { Ack, CodedError, DurableCommand } from "./protocol";
import { forget, forgetUploads, keep, SWEPT, type Open } from "./outboxStore";

const GIVE_UP_AFTER_MS = 24 * 3600_000;
/** No message is held longer, whatever happens to the clock. */
const HOLD_MOST_MS = 10_000;

/** The part of the socket the outbox needs. */
export interface Transport {
  readonly state: string;
  request(command: DurableCommand): Promise<Ack>;
  onState(listener: (state: string) => void): () => void;
}

export type OutboxChange =
  | { type: "queued"; item: OutboxItem }
  | { type: "sending"; item: OutboxItem }
  /** Its files are on their way: 0..1 of their bytes. */
  | { type: "progress"; item: OutboxItem; part: number }
  | { type: "acked"; item: OutboxItem; ack: Ack }
  | { type: "failed"; item: OutboxItem; error: CodedError }
  | { type: "dropped"; item: OutboxItem };

export interface AddOptions {
  /** Go up before the command is sent. */
  files?: readonly OutboxFile[] | undefined;
  /** Milliseconds during which `cancel` takes it back and nobody else hears of it. */
  hold?: number;
}

/** Durable commands on their way to the server. Each is stored before it is sent and removed only when the server has
 * acknowledged it; the server recognises a repeated client id, so that sending again never does the act twice.
 * Commands of one lane go one after the other, in the order of writing, each after its files. */
export class Outbox {
  private readonly changes = new Emitter<OutboxChange>();
  private readonly busy = new Map<string, Promise<void>>();
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  /** Messages whose files are on their way. */
  private readonly uploading = new Map<string, AbortController>();
  private readonly held = new Set<string>();
  private stopListening: (() => void) | null = null;
  private stopped = false;

  constructor(
    private readonly owner: string,
    private readonly transport: Transport,
    private readonly now: () => number = Date.now,
    private readonly uploader?: Uploader,
  ) {}

  onChange(listener: (change: OutboxChange) => void): () => void {
    return this.changes.add(listener);
  }

  /** True while a message of this page waits out its undo time. */
  get holding(): boolean {
    return this.held.size > 0;
  }

  start(): void {
    this.stopped = false;
    this.stopListening = this.transport.onState((state) => {
      if (state === "online") void this.flush();
    });
    void this.flush();
  }

  stop(): void {
    this.stopped = true;
    this.stopListening?.();
    for (const timer of this.timers) clearTimeout(timer);
    this.held.clear();
    for (const upload of this.uploading.values()) upload.abort();
  }

  /** Resolves once the command and its files are stored in this browser: from then on they cannot be lost. Rejects with
   * `client.storage` when the browser does not store them: then nothing was sent. */
  async add(command: DurableCommand, { files = [], hold = 0 }: AddOptions = {}): Promise<OutboxItem> {
    const lane = "consultation" in command ? command.consultation : command.client_id;
    const at = this.now();
    const item: OutboxItem = {
      owner: this.owner,
      client_id: command.client_id,
      lane,
      command,
      at,
      state: "waiting",
      error: null,
      ...(files.length > 0 && { files }),
      ...(hold > 0 && { notBefore: at + Math.min(hold, HOLD_MOST_MS) }),
    };
    item.order = await keep(item);
    this.changes.emit({ type: "queued", item });
    void this.drain(lane);
    return item;
  }

  /** Everything this person has written that the server has not acknowledged, oldest first. */
  async items(): Promise<OutboxItem[]> {
    const all = await (await database()).getAll("outbox");
    return all.filter((item) => item.owner === this.owner);
  }

  /** Puts a failed command back in its place. Files that are up already stay up, unless the server has swept them away since. */
  async retry(client_id: string): Promise<void> {
    const again = await this.exchange(client_id, (item, open) => {
      if (item.error && SWEPT.has(item.error.code)) forgetUploads(open, item);
      const next: OutboxItem = { ...item, state: "waiting", error: null, at: this.now() };
      open("outbox").put(next);
      return next;
    });
    if (!again) return;
    this.changes.emit({ type: "queued", item: again });
    await this.drain(again.lane);
  }

  /** Gives up a failed command: the words are removed from this browser. */
  async drop(client_id: string): Promise<void> {
    await this.remove(client_id, (item) => item.state === "failed");
  }

  /** Takes back what no server has heard of: a held message, or one whose files are still going up. Null when it is too late. */
  cancel(client_id: string): Promise<OutboxItem | null> {
    return this.remove(client_id, (item) => this.isHeld(item) || item.state === "failed" || (item.files !== undefined && !item.given));
  }

  /** Ends the undo time of a lane now and resolves when what was written has been sent, refused, or must wait for the network. */
  async release(lane: string): Promise<void> {
    await this.busy.get(lane);
    for (const { client_id } of (await this.items()).filter((item) => item.lane === lane && this.isHeld(item))) {
      this.held.delete(client_id);
      await this.alter(client_id, (item) => ({ ...item, notBefore: 0 }));
    }
    await this.drain(lane);
  }

  async flush(): Promise<void> {
    const lanes = new Set((await this.items()).map((item) => item.lane));
    await Promise.all([...lanes].map((lane) => this.drain(lane)));
  }

  private isHeld({ notBefore = 0 }: OutboxItem): boolean {
    const left = notBefore - this.now();
    return left > 0 && left <= HOLD_MOST_MS;
  }

  /** Sends a lane until it is empty or the connection is gone. Another tab may be doing the same: the server sorts it out. */
  private async drain(lane: string): Promise<void> {
    if (this.busy.has(lane)) return;
    // A store that refuses for once must not end the lane: what is in it goes out later.
    const running = this.sendAll(lane)
      .catch(() => this.later(lane, 0))
      .finally(() => this.busy.delete(lane));
    this.busy.set(lane, running);
    await running;
    // What was added between the last look and here found the lane busy.
    if (this.transport.state === "online" && !this.attempts.has(lane) && (await this.due(lane))) await this.drain(lane);
  }

  private async sendAll(lane: string): Promise<void> {
    let next = await this.due(lane);
    while (next && this.transport.state === "online" && (await this.send(next))) next = await this.due(lane);
  }

  /** The oldest command of a lane, unless it is held: then the lane goes on when its time is over. */
  private async due(lane: string): Promise<OutboxItem | undefined> {
    if (this.stopped) return undefined;
    const items = await (await database()).getAllFromIndex("outbox", "lane", lane);
    const first = items
      .filter((item) => item.owner === this.owner && item.state === "waiting")
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))[0];
    if (!first || !this.isHeld(first)) return first;
    this.waitOut(first);
    return undefined;
  }

  private waitOut(item: OutboxItem): void {
    if (this.held.has(item.client_id)) return;
    this.held.add(item.client_id);
    this.after((item.notBefore ?? 0) - this.now(), async () => {
      this.held.delete(item.client_id);
      const released = await this.find(item.client_id);
      if (released?.state === "waiting" && !this.isHeld(released)) this.changes.emit({ type: "queued", item: released });
      await this.drain(item.lane);
    });
  }

  /** True when the lane can go on with the next command. */
  private async send(item: OutboxItem): Promise<boolean> {
    this.changes.emit({ type: "sending", item });
    try {
      const command = item.files ? await this.afterFiles(item) : item.command;
      if (command) await this.acknowledged(item, await this.transport.request(command));
      return true;
    } catch (error) {
      return this.rejected(item, codedFrom(error));
    }
  }

  /** The command with its files named, or null when it was taken back meanwhile. */
  private async afterFiles(item: OutboxItem): Promise<DurableCommand | null> {
    const stop = new AbortController();
    this.uploading.set(item.client_id, stop);
    try {
      const { withFiles } = await import("./outboxFiles");
      const progress = (part: number) => this.changes.emit({ type: "progress", item, part });
      const command = await withFiles(item, { progress, signal: stop.signal }, this.uploader);
      return (await this.alter(item.client_id, (one) => ({ ...one, given: true }))) ? command : null;
    } finally {
      this.uploading.delete(item.client_id);
    }
  }

  private async acknowledged(item: OutboxItem, ack: Ack): Promise<void> {
    this.attempts.delete(item.lane);
    const consultation = ack.consultation ?? item.lane;
    const receipt = { client_id: item.client_id, owner: item.owner, consultation, seq: ack.seq, at: this.now(), receipt: ack.receipt ?? null };
    await (await database()).write(["outbox", "receipts", "uploads"], (open) => {
      open("receipts").put(receipt);
      forget(open, item);
    });
    this.changes.emit({ type: "acked", item, ack });
  }

  private async rejected(item: OutboxItem, error: CodedError): Promise<boolean> {
    if (error.code === "client.cancelled") return !this.stopped;
    // Who was signed out signs in again and finds it waiting.
    if ((error.retry || error.code === "signed_out") && this.now() - item.at < GIVE_UP_AFTER_MS) {
      this.changes.emit({ type: "queued", item });
      this.later(item.lane, (error.retry_after ?? 0) * 1000);
      return false;
    }
    const failed = await this.alter(item.client_id, (one) => ({ ...one, state: "failed", error, given: false }));
    this.attempts.delete(item.lane);
    if (failed) this.changes.emit({ type: "failed", item: failed, error });
    return true;
  }

  private later(lane: string, atLeast: number): void {
    const attempt = this.attempts.get(lane) ?? 0;
    this.attempts.set(lane, attempt + 1);
    this.after(Math.max(atLeast, backoff(attempt)), () => this.drain(lane));
  }

  private after(pause: number, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void act();
    }, pause);
    this.timers.add(timer);
  }

  private async find(client_id: string): Promise<OutboxItem | undefined> {
    return (await (await database()).getAllFromIndex("outbox", "client_id", client_id))[0];
  }

  /** Changes an item where it lies, in one transaction; null when it is gone. */
  private async alter(client_id: string, change: (item: OutboxItem) => OutboxItem): Promise<OutboxItem | null> {
    return this.exchange(client_id, (item, open) => {
      const next = change(item);
      open("outbox").put(next);
      return next;
    });
  }

  /** Removes an item if `may` allows it: decided and done in one transaction, whatever another tab does at the same time. */
  private async remove(client_id: string, may: (item: OutboxItem) => boolean): Promise<OutboxItem | null> {
    const item = await this.exchange(client_id, (found, open) => {
      if (!may(found)) return null;
      forget(open, found);
      return found;
    });
    if (!item) return null;
    this.held.delete(client_id);
    this.uploading.get(client_id)?.abort();
    this.changes.emit({ type: "dropped", item });
    void this.drain(item.lane);
    return item;
  }

  private async exchange(client_id: string, act: (item: OutboxItem, open: Open) => OutboxItem | null): Promise<OutboxItem | null> {
    let result: OutboxItem | null = null;
    await (await database()).write(["outbox", "uploads"], (open) => {
      const found = open("outbox").index("client_id").get(client_id) as IDBRequest<OutboxItem | undefined>;
      found.onsuccess = () => {
        if (found.result?.owner === this.owner) result = act(found.result, open);
      };
    });
    return result;
  }
}
