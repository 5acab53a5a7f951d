import { backoff } from "./backoff";
import { database, type OutboxItem } from "./db";
import { Emitter } from "./emitter";
import { codedFrom } from "./errors";
import type { Ack, CodedError, DurableCommand } from "./protocol";

const GIVE_UP_AFTER_MS = 24 * 3600_000;

/** The part of the socket the outbox needs. */
export interface Transport {
  readonly state: string;
  request(command: DurableCommand): Promise<Ack>;
  onState(listener: (state: string) => void): () => void;
}

export type OutboxChange =
  | { type: "queued"; item: OutboxItem }
  | { type: "sending"; item: OutboxItem }
  | { type: "acked"; item: OutboxItem; ack: Ack }
  | { type: "failed"; item: OutboxItem; error: CodedError }
  | { type: "dropped"; item: OutboxItem };

/** Durable commands on their way to the server. Each is stored before it is sent and removed only when the server has
 * acknowledged it; the server recognises a repeated client id, so that sending again never does the act twice.
 * Commands of one lane go one after the other, in the order of writing. */
export class Outbox {
  private readonly changes = new Emitter<OutboxChange>();
  private readonly busy = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly retries = new Set<ReturnType<typeof setTimeout>>();
  private stopListening: (() => void) | null = null;

  constructor(
    private readonly owner: string,
    private readonly transport: Transport,
    private readonly now: () => number = Date.now,
  ) {}

  onChange(listener: (change: OutboxChange) => void): () => void {
    return this.changes.add(listener);
  }

  start(): void {
    this.stopListening = this.transport.onState((state) => {
      if (state === "online") void this.flush();
    });
    void this.flush();
  }

  stop(): void {
    this.stopListening?.();
    for (const timer of this.retries) clearTimeout(timer);
  }

  /** Resolves once the command is stored in this browser: from then on it cannot be lost. */
  async add(command: DurableCommand): Promise<OutboxItem> {
    const lane = "consultation" in command ? command.consultation : command.client_id;
    const item: OutboxItem = {
      owner: this.owner,
      client_id: command.client_id,
      lane,
      command,
      at: this.now(),
      state: "waiting",
      error: null,
    };
    item.order = await (await database()).add("outbox", item);
    this.changes.emit({ type: "queued", item });
    void this.drain(lane);
    return item;
  }

  /** Everything this person has written that the server has not acknowledged, oldest first. */
  async items(): Promise<OutboxItem[]> {
    const all = await (await database()).getAll("outbox");
    return all.filter((item) => item.owner === this.owner);
  }

  /** Puts a failed command back in its place. */
  async retry(client_id: string): Promise<void> {
    const item = await this.find(client_id);
    if (!item) return;
    const again: OutboxItem = { ...item, state: "waiting", error: null, at: this.now() };
    await (await database()).put("outbox", again);
    this.changes.emit({ type: "queued", item: again });
    await this.drain(item.lane);
  }

  /** Gives up a failed command: the words are removed from this browser. */
  async drop(client_id: string): Promise<void> {
    const item = await this.find(client_id);
    if (item?.order === undefined || item.state !== "failed") return;
    await (await database()).delete("outbox", item.order);
    this.changes.emit({ type: "dropped", item });
  }

  async flush(): Promise<void> {
    const lanes = new Set((await this.items()).map((item) => item.lane));
    await Promise.all([...lanes].map((lane) => this.drain(lane)));
  }

  private async find(client_id: string): Promise<OutboxItem | undefined> {
    return (await (await database()).getAllFromIndex("outbox", "client_id", client_id))[0];
  }

  /** Sends a lane until it is empty or the connection is gone. Another tab may be doing the same: the server sorts it out. */
  private async drain(lane: string): Promise<void> {
    if (this.busy.has(lane)) return;
    this.busy.add(lane);
    try {
      let next = await this.first(lane);
      while (next && this.transport.state === "online" && (await this.send(next))) next = await this.first(lane);
    } finally {
      this.busy.delete(lane);
    }
    // What was added between the last look and here found the lane busy.
    if (this.transport.state === "online" && !this.attempts.has(lane) && (await this.first(lane))) await this.drain(lane);
  }

  private async first(lane: string): Promise<OutboxItem | undefined> {
    const items = await (await database()).getAllFromIndex("outbox", "lane", lane);
    return items
      .filter((item) => item.owner === this.owner && item.state === "waiting")
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))[0];
  }

  /** True when the lane can go on with the next command. */
  private async send(item: OutboxItem): Promise<boolean> {
    this.changes.emit({ type: "sending", item });
    try {
      const ack = await this.transport.request(item.command);
      await this.acknowledged(item, ack);
      return true;
    } catch (error) {
      return this.rejected(item, codedFrom(error));
    }
  }

  private async acknowledged(item: OutboxItem, ack: Ack): Promise<void> {
    this.attempts.delete(item.lane);
    const consultation = ack.consultation ?? item.lane;
    const receipt = { client_id: item.client_id, owner: item.owner, consultation, at: this.now(), receipt: ack.receipt ?? null };
    await (await database()).write(["outbox", "receipts"], (open) => {
      open("receipts").put(receipt);
      if (item.order !== undefined) open("outbox").delete(item.order);
    });
    this.changes.emit({ type: "acked", item, ack });
  }

  private async rejected(item: OutboxItem, error: CodedError): Promise<boolean> {
    if (error.retry && this.now() - item.at < GIVE_UP_AFTER_MS) {
      this.changes.emit({ type: "queued", item });
      this.later(item.lane);
      return false;
    }
    const failed: OutboxItem = { ...item, state: "failed", error };
    await (await database()).put("outbox", failed);
    this.attempts.delete(item.lane);
    this.changes.emit({ type: "failed", item: failed, error });
    return true;
  }

  private later(lane: string): void {
    const attempt = this.attempts.get(lane) ?? 0;
    this.attempts.set(lane, attempt + 1);
    const timer = setTimeout(() => {
      this.retries.delete(timer);
      void this.drain(lane);
    }, backoff(attempt));
    this.retries.add(timer);
  }
}
