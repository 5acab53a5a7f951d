import { backoff } from "./backoff";
import { getConsultation, getEventsBefore, type ConsultationDetail } from "./consultations";
import type { OutboxItem } from "./db";
import { Emitter } from "./emitter";
import { codedFrom } from "./errors";
import { HoleWatch } from "./holes";
import type { ConversationState, Copy, Extras, TakenBack } from "./conversationState";
import { newClientId } from "./ids";
import { oneAtATime } from "./oneAtATime";
import type { Outbox, OutboxChange } from "./outbox";
import type { Cursor, TimelineEvent } from "./protocol";
import { settings } from "./settings";
import { conversationCopy, copyOf, dropCopy, isAway, keepCopy, trimCopies } from "./snapshots";
import type { Socket } from "./socket";
import { reduceTimeline, startTimeline, waitingAs, type TimelineAction } from "./timeline";
import { Typists } from "./typing";

export type { ConversationState, Extras, TakenBack } from "./conversationState";

const PAGE = 50;
const NEWEST = Number.MAX_SAFE_INTEGER; // after every sequence number that a timeline can have
const COPY_AFTER_MS = 1_000;
const COPY_WAITS_MS = 1_500; // for the server's header, before what was kept is shown without it
const BEGIN_AGAIN = { first: 2_000 };

/** One open consultation in this browser: first page over REST, everything after it over the socket, own messages
 * through the outbox. Read it with subscribe() and state. */
export class Conversation {
  private current: ConversationState = { detail: null, timeline: startTimeline(0), loading: true, settled: false, loadingOlder: false, error: null };
  private readonly changes = new Emitter<undefined>();
  private readonly leave: (() => void)[] = [];
  private readonly holes = new HoleWatch(() => this.current.timeline, () => this.listen());
  private readonly typists: Typists;
  private told = { delivered: 0, read: 0 };
  private copying: ReturnType<typeof setTimeout> | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private beginning: ReturnType<typeof setTimeout> | undefined;
  private tries = 0; // of reading the header, since it was last up to date
  /** Counts starts and stops: an answer that belongs to an earlier one is too late. */
  private run = 0;

  constructor(
    readonly id: string,
    private readonly socket: Socket,
    private readonly outbox: Outbox,
    /** Whether this person's messages can be called back for a moment (clinicians). */
    private readonly undoable = false,
    private readonly headed = true, // there is a case to read its header from; a side thread has none of its own
  ) {
    this.typists = new Typists(id, socket, (person, on) => this.act({ type: "typing", person, on }));
  }

  get state(): ConversationState {
    return this.current;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  /** Shows what was kept, loads what is new, and follows. Call again after an error. */
  async start(): Promise<void> {
    this.change({ loading: this.current.detail === null, error: null });
    await this.begin();
  }

  /** What went wrong the last time stays in view until it goes well. */
  private async begin(): Promise<void> {
    const run = ++this.run;
    clearTimeout(this.beginning);
    try {
      await this.showCopy(run);
      const detail = this.headed ? await getConsultation(this.id) : null;
      if (run !== this.run) return;
      // What is here is gapless: when little is missing, following brings the rest.
      if (!detail || this.current.timeline.events.length === 0 || detail.last_seq - this.current.timeline.cursor > PAGE) await this.load(detail, run);
      else this.change({ detail, loading: false });
      if (detail) this.act({ type: "cursors", cursors: detail.cursors });
      if (run !== this.run) return;
      if (this.current.error) this.change({ error: null });
      this.settle();
      this.listen();
      if (detail && this.current.timeline.head > detail.last_seq) void this.refresh(); // it went on between the two answers
    } catch (error) {
      if (run === this.run) this.failed(error);
    }
  }

  stop(): void {
    this.run++;
    this.holes.stop();
    for (const leave of this.leave.splice(0)) leave();
    this.typists.stop();
    clearTimeout(this.settling);
    clearTimeout(this.again);
    clearTimeout(this.beginning);
    if (this.copying !== undefined) this.copy();
  }

  private settle(): void {
    clearTimeout(this.settling);
    if (!this.current.settled) this.change({ settled: true });
  }

  private async load(detail: ConsultationDetail | null, run: number): Promise<void> {
    const page = await getEventsBefore(this.id, detail ? detail.last_seq + 1 : NEWEST, PAGE);
    const waiting = await this.outbox.items();
    if (run === this.run) this.showPage(detail, page, waiting);
  }

  private showPage(detail: ConsultationDetail | null, page: { events: readonly TimelineEvent[]; head: number }, waiting: readonly OutboxItem[]): void {
    const since = Math.max(0, (page.events[0]?.seq ?? 1) - 1);
    this.change({ detail, loading: false, timeline: startTimeline(since) });
    this.act({ type: "events", events: page.events, head: page.head });
    for (const item of waiting) if (item.lane === this.id) this.show(item);
  }

  private async showCopy(run: number): Promise<void> {
    if (this.current.detail || !this.headed) return;
    const copy = await copyOf(conversationCopy(this.id)).catch(() => null);
    if (!copy) return;
    const waiting = await this.outbox.items();
    const { detail, events } = copy.value as Copy;
    if (run !== this.run) return;
    this.showPage(detail, { events, head: events.at(-1)?.seq ?? 0 }, waiting);
    this.settling = setTimeout(() => this.settle(), COPY_WAITS_MS);
    this.listen(); // one may write already
  }

  /** Without a network, what was kept stays and is followed once there is one again. Who may not read it any more sees nothing. */
  private failed(error: unknown): void {
    const coded = codedFrom(error);
    this.settle();
    if (coded.retry) this.beginning = setTimeout(() => void this.begin(), backoff(this.tries++, BEGIN_AGAIN));
    this.change({ loading: false, error: isAway(error) && this.current.detail ? null : coded });
    if (coded.code !== "not_found") return;
    for (const leave of this.leave.splice(0)) leave();
    this.change({ detail: null, timeline: startTimeline(0) });
    void dropCopy(conversationCopy(this.id)).catch(() => undefined);
  }

  private copySoon(): void {
    if (this.copying === undefined && this.headed) this.copying = setTimeout(() => this.copy(), COPY_AFTER_MS);
  }

  private copy(): void {
    clearTimeout(this.copying);
    this.copying = undefined;
    const { detail, timeline } = this.current;
    if (!detail) return;
    const value: Copy = { detail, events: timeline.events.slice(-PAGE) };
    // A store that is full or forbidden only keeps nothing.
    void keepCopy(conversationCopy(this.id), value).then(trimCopies).catch(() => undefined);
  }

  /** Reads the header again (state, assignee, position). Keeps the last one when that fails, or is older than what was heard, and asks
   * again a little later; without a connection the next one asks. */
  readonly refresh = oneAtATime(async () => {
    clearTimeout(this.again);
    if (!this.headed) return;
    const detail = await getConsultation(this.id).catch(() => null);
    if (detail) {
      this.change({ detail });
      this.act({ type: "events", events: [], head: detail.last_seq }); // there may be more than was sent
      this.holes.look();
    }
    if (detail && detail.last_seq >= this.current.timeline.head) this.tries = 0;
    else if (this.leave.length > 0 && this.socket.state === "online") this.again = setTimeout(() => void this.refresh(), backoff(this.tries++));
  });

  async loadOlder(limit = PAGE): Promise<void> {
    const { first } = this.current.timeline;
    if (first <= 1 || this.current.loadingOlder) return;
    this.change({ loadingOlder: true });
    try {
      const page = await getEventsBefore(this.id, first, limit);
      this.act({ type: "older", events: page.events });
    } finally {
      this.change({ loadingOlder: false });
    }
  }

  /** Resolves when words and files are safe in this browser; the composer may be emptied then. */
  async send(text: string, { files, reply_to, mentions = [] }: Extras = {}): Promise<void> {
    const command = {
      type: "message.send" as const,
      consultation: this.id,
      client_id: newClientId(),
      text,
      ...(reply_to && { reply_to }),
      ...(mentions.length > 0 && { mentions: [...mentions] }),
    };
    await this.outbox.add(command, { files, hold: this.undoSeconds * 1000 });
    this.typists.ended();
  }

  /** Takes in how far others have come, where no header tells (side threads). */
  readonly know = (cursors: readonly Cursor[]): void => this.act({ type: "cursors", cursors });

  /** How long the next message can be called back; an answer to an emergency never waits. */
  get undoSeconds(): number {
    return this.undoable && !this.current.detail?.red_flags.length ? settings().undoSeconds : 0;
  }

  /** Calls back a held message, or one whose files are still going up; null when it has gone out. */
  async undo(client_id: string): Promise<TakenBack | null> {
    const item = await this.outbox.cancel(client_id);
    if (item?.command.type !== "message.send") return null;
    const { text, reply_to = null, mentions = [] } = item.command;
    return { text, reply_to, mentions, files: item.files ?? [] };
  }

  /** Calls back the newest held message (Ctrl+Z); null when there is none. */
  async undoLast(): Promise<TakenBack | null> {
    const held = this.current.timeline.pending.findLast((message) => message.status === "held");
    return held ? this.undo(held.client_id) : null;
  }

  retry(client_id: string): Promise<void> {
    return this.outbox.retry(client_id);
  }

  drop(client_id: string): Promise<void> {
    return this.outbox.drop(client_id);
  }

  /** Call at every keystroke; the others are told at most every three seconds. */
  typing(): void {
    this.typists.typed();
  }

  /** Says how far this person has received and, when the page is in front of them, read. */
  seen(inFront: boolean): void {
    const upto = this.current.timeline.cursor;
    const read = inFront ? upto : this.told.read;
    if (upto <= this.told.delivered && read <= this.told.read) return;
    if (this.socket.state !== "online") return;
    this.told = { delivered: upto, read };
    this.socket.tell({ type: "cursor.advance", consultation: this.id, delivered: upto, read: read || null });
  }

  private listen(): void {
    for (const leave of this.leave.splice(0)) leave();
    const mine = <F extends { consultation: string }>(use: (frame: F) => void) => (frame: F) => {
      if (frame.consultation === this.id) use(frame);
    };
    this.leave.push(
      this.socket.on("timeline", mine(({ events, head }) => this.heard(events, head))),
      this.socket.on("cursors", mine((frame) => this.act({ type: "cursors", cursors: frame.cursors }))),
      this.socket.on("typing", mine((frame) => this.typists.heard(frame.person, frame.on))),
      this.socket.on("consultation.changed", mine(() => void this.refresh())),
      this.socket.on("welcome", () => {
        this.told = { delivered: 0, read: 0 }; // what was told to a lost connection may not have arrived
        void this.refresh();
      }),
      this.outbox.onChange((change) => this.outboxChanged(change)),
      this.socket.follow(this.id, () => this.current.timeline.cursor, (error) => this.change({ error: error.coded })),
    );
  }

  private heard(events: readonly TimelineEvent[], head: number): void {
    this.act({ type: "events", events, head });
    this.holes.look();
    void this.refresh(); // whose turn it is and what is left of the terms change with every act
  }

  private outboxChanged(change: OutboxChange): void {
    const { item } = change;
    if (item.lane !== this.id) return;
    const client_id = item.client_id;
    if (change.type === "queued") {
      this.show(item);
      this.act({ type: "pending.status", client_id, status: waitingAs(item) });
    }
    if (change.type === "progress") this.act({ type: "pending.part", client_id, part: change.part });
    if (change.type === "sending" || change.type === "acked") this.act({ type: "pending.status", client_id, status: change.type === "acked" ? "sent" : "sending" });
    if (change.type === "failed") this.act({ type: "pending.status", client_id, status: "failed", error: change.error });
    if (change.type === "dropped") this.act({ type: "pending.dropped", client_id });
  }

  private show(item: OutboxItem): void {
    if (item.command.type !== "message.send") return;
    const { client_id, at, error, files = [], notBefore } = item;
    const { text, reply_to = null } = item.command;
    this.act({ type: "pending", message: { client_id, text, at, status: waitingAs(item), error, reply_to, files, until: notBefore } });
  }

  private act(action: TimelineAction): void {
    this.change({ timeline: reduceTimeline(this.current.timeline, action) });
  }

  private change(part: Partial<ConversationState>): void {
    if (part.detail || part.timeline) this.copySoon();
    this.current = { ...this.current, ...part };
    this.changes.emit(undefined);
  }
}
