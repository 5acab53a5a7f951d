import { Emitter } from "../emitter";
import { noteTakes } from "./flag";
import { alone } from "./locks";
import { keptTakes } from "./spool";
import { Take, type TakeState } from "./take";
import { tus, type Tus } from "./tus";

/** What this device has not sent of all its recordings, in seconds, and the worst that can be said of any. */
export interface Unsent {
  seconds: number;
  state: TakeState;
  /** The server has taken all of what is over, to its end: nothing was withdrawn, nor refused. */
  whole: boolean;
}

const NOTHING: Unsent = { seconds: 0, state: "done", whole: true };
const WORST: readonly TakeState[] = ["unkept", "waiting", "sending", "done"];
const AGAIN_MS = 15_000;

/** The takes of one person in this browser. Each is sent by one page alone: the one that records it, then any. */
export class Uploads {
  private readonly takes = new Map<string, Take>();
  private readonly changes = new Emitter<undefined>();
  private readonly stopping = new AbortController();
  private shown: Unsent = NOTHING;
  private whole = true;

  constructor(
    private readonly owner: string,
    private readonly server: Tus = tus,
  ) {}

  readonly unsent = (): Unsent => this.shown;
  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  /** Looks for what closed pages left, and again when the network or the server may be back. */
  start(): void {
    const { signal } = this.stopping;
    const look = () => void this.recover().catch(() => undefined);
    look();
    const timer = setInterval(look, AGAIN_MS);
    window.addEventListener("online", look, { signal });
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** The page goes; what it kept is found by the next. */
  stop(): void {
    this.stopping.abort();
  }

  /** Begins a take, and sends it as it grows. Rejects with RequestFailed when the server takes none. */
  async begin(id: string, about: string, address: string, metadata: Record<string, string>): Promise<Take> {
    noteTakes(this.owner, true);
    const take = await Take.begin({ id, owner: this.owner, about }, address, metadata, this.server);
    this.admit(take); // before the lock is there: what is withdrawn now must be found
    this.send(take);
    return take;
  }

  /** Destroys what is here of a recording that was withdrawn. */
  async drop(about: string): Promise<void> {
    const mine = [...this.takes.values()].filter((take) => take.row.about === about);
    await Promise.all(mine.map((take) => take.drop()));
  }

  private async recover(): Promise<void> {
    const kept = await keptTakes(this.owner);
    noteTakes(this.owner, kept.length > 0 || this.takes.size > 0);
    for (const row of kept.filter((one) => !this.takes.has(one.id))) {
      const resume = async () => {
        const take = this.takes.has(row.id) ? null : await Take.resume(row, this.server);
        if (take) await this.sent(take);
      };
      await alone(row.id, this.stopping.signal, resume).catch(() => undefined); // the others do not wait for one that is broken
    }
  }

  private send(take: Take): void {
    void alone(take.row.id, this.stopping.signal, () => this.sent(take));
  }

  private async sent(take: Take): Promise<void> {
    this.admit(take);
    const off = take.subscribe(() => this.show());
    this.show();
    await take.run(this.stopping.signal);
    off();
    this.takes.delete(take.row.id);
    this.show();
  }

  private admit(take: Take): void {
    if (this.takes.size === 0) this.whole = true;
    this.takes.set(take.row.id, take);
  }

  private show(): void {
    const all = [...this.takes.values()];
    if (all.some((take) => take.state === "done" && !take.whole)) this.whole = false;
    const seconds = all.reduce((sum, take) => sum + take.unsent, 0);
    const state = WORST.find((one) => all.some((take) => take.state === one)) ?? "done";
    const { whole, shown } = this;
    if (Math.ceil(seconds) === Math.ceil(shown.seconds) && state === shown.state && whole === shown.whole) return;
    this.shown = { seconds, state, whole };
    this.changes.emit(undefined);
  }
}
