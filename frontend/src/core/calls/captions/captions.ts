import { Emitter } from "../../emitter";
import type { FrameOf } from "../../protocol";
import type { Socket } from "../../socket";
import { onCall, type CallState } from "../current";
import { withLine, type Line } from "./lines";
import { listen } from "./microphone";
import { Sending } from "./sending";

export type Trouble = NonNullable<FrameOf<"captions.trouble">["problem"]> | "unsupported";

/** What the captions of the page's call show now. */
export interface Shown {
  lines: readonly Line[];
  /** Why somebody is captioned badly, or not at all. */
  trouble: Trouble | null;
}

const NOTHING: Shown = { lines: [], trouble: null };

/** Lets the server hear this device's own microphone while its person is captioned and not muted, and at no other time; shows what comes. */
export class LiveCaptions {
  private now = NOTHING;
  private readonly changes = new Emitter<Shown>();
  private call: string | null = null;
  private heard = "";
  private halt: (() => void) | null = null;
  private leave: (() => void)[] = [];
  /** By person, and this device's own way to the server. */
  private readonly troubles = new Map<string, Trouble>();
  private readonly network: string;

  constructor(
    private readonly socket: Socket,
    private readonly me: string,
  ) {
    this.network = `${me}/network`;
  }

  readonly shown = (): Shown => this.now;
  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  start(call: CallState | null): void {
    const mine = (frame: { call: string }) => frame.call === this.call;
    this.leave = [
      onCall((next) => this.follow(next)),
      this.socket.on("captions.line", (frame) => mine(frame) && this.show({ lines: withLine(this.now.lines, frame) })),
      this.socket.on("captions.trouble", (frame) => mine(frame) && this.trouble(frame.person, frame.problem)),
    ];
    this.follow(call);
  }

  stop(): void {
    this.leave.forEach((off) => off());
    this.follow(null);
  }

  private follow(call: CallState | null): void {
    this.call = call?.call ?? null;
    const on = (call?.captions?.people ?? []).filter(({ state }) => state === "on").map(({ person }) => person);
    if (on.length) this.forget((whose) => !on.some((person) => whose.startsWith(person)));
    else this.clear();
    const wanted = wantedOf(call, this.me);
    if (wanted?.id === this.heard || (!wanted && !this.heard)) return;
    this.halt?.();
    this.halt = null;
    this.forget((whose) => whose === this.network);
    this.heard = wanted?.id ?? "";
    if (wanted && call?.call) this.halt = this.hear(wanted, call.call);
  }

  private hear(track: MediaStreamTrack, call: string): () => void {
    const sending = new Sending(this.socket, call, (behind) => this.trouble(this.network, behind ? "overloaded" : null));
    return listen(track, (piece) => sending.take(piece), () => this.trouble(this.me, "unsupported"));
  }

  private trouble(whose: string, problem: Trouble | null): void {
    if (problem === (this.troubles.get(whose) ?? null)) return;
    if (problem) this.troubles.set(whose, problem);
    else this.troubles.delete(whose);
    this.show({ trouble: [...this.troubles.values()].at(-1) ?? null });
  }

  private forget(gone: (whose: string) => boolean): void {
    for (const whose of [...this.troubles.keys()].filter(gone)) this.trouble(whose, null);
  }

  private clear(): void {
    this.troubles.clear();
    if (this.now !== NOTHING) this.become(NOTHING);
  }

  private show(part: Partial<Shown>): void {
    this.become({ ...this.now, ...part });
  }

  private become(next: Shown): void {
    this.now = next;
    this.changes.emit(next);
  }
}

/** The microphone that is to be heard; null: none. */
function wantedOf(call: CallState | null, me: string): MediaStreamTrack | null {
  if (!call?.call || call.at === null || call.stage === "ended" || !call.own.audio || call.trouble === "server") return null;
  const on = call.captions?.people.some((one) => one.person === me && one.state === "on");
  return (on && call.local?.getAudioTracks()[0]) || null;
}
