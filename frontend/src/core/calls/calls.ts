import { codedFrom } from "../errors";
import { newClientId } from "../ids";
import type { FrameOf, FrameType, ServerFrame } from "../protocol";
import type { Socket } from "../socket";
import { currentCall, isBusy, onWish, rememberCall, showCall, type CallState, type Kept, type Medium, type Sending, type Wish } from "./current";
import { deviceName } from "./device";
import { Line } from "./line";
import { failed, hear, hungUp, incoming, isOn, outgoing, over, resumed, withTrouble } from "./machine";
import { Sums, type Measured } from "./quality";
import { Tools } from "./tools";

type Accepted = FrameOf<"call.accepted">;

/** Everything that changes a call's state; what passes between the devices is the Line's. */
const HEARD = ["call.rings", "call.accepted", "call.answered_elsewhere", "call.away", "call.ended", "peer.media", "peer.quality", "recording.state", "captions.state"] as const satisfies readonly FrameType[];
/** After a lost connection the server says again what rings; what it does not name rings no more. */
const RING_AGAIN_MS = 4_000;
/** The server says when nobody answers; for a page that cannot hear it, so much later. */
const RING_LATE_MS = 3_000;

/** The one call of this page: what its buttons do, and what the server says to it. Writes `current.ts`; keeps nothing else. */
export class Calls {
  private devices: Tools | null = null;
  private line: Line | null = null;
  private sums = new Sums();
  private device = "";
  private unringing: ReturnType<typeof setTimeout> | undefined;
  private leave: (() => void)[] = [];
  /** Counts starts and stops: a start that was stopped before it had its name is too late. */
  private run = 0;

  constructor(
    private readonly socket: Socket,
    private readonly me: string,
  ) {}

  /** Takes over from the page's entrance, with what made it load this. */
  async start(first: Wish): Promise<void> {
    const run = ++this.run;
    this.device = await deviceName();
    if (run !== this.run) return;
    this.leave = [
      onAny(this.socket, HEARD, (frame) => this.hear(frame)),
      this.socket.on("call.incoming", (frame) => this.rung(frame)),
      this.socket.on("welcome", () => this.back()),
      this.socket.onState((state) => state !== "online" && this.trouble(true)),
      onWish((wish) => this.wish(wish)),
    ];
    this.wish(first);
  }

  /** The page goes away; the call waits for it until the grace is over. */
  stop(): void {
    this.run++;
    this.leave.forEach((off) => off());
    this.letGo();
    showCall(null);
  }

  /** Microphone, camera and screen of this call; null while there is none. */
  get tools(): Tools | null {
    return this.devices;
  }

  /** What was measured in the last call of this page. */
  get measured(): Measured {
    return this.sums.mean;
  }

  private get call(): CallState | null {
    return currentCall();
  }

  private wish(wish: Wish): void {
    if (wish.type === "incoming") this.rung(wish.frame);
    else if (isBusy()) return;
    else if (wish.type === "invite") void this.invite(wish.consultation, wish.media, wish.check);
    else void this.resume(wish.kept);
  }

  private async invite(consultation: string, media: readonly Medium[], check: boolean): Promise<void> {
    await this.proceed(this.begin(outgoing(consultation, media, this.device)), check);
  }

  /** Ring, or answer, with the devices that the call needs; without a microphone, show why instead. `check`: let them be looked at first. */
  private async proceed(devices: Tools, check = false): Promise<void> {
    const ready = await devices.open(this.call?.media ?? []);
    const { call } = this;
    if (devices !== this.devices || !call) return;
    if (check || !ready) return this.change({ stage: "checking" });
    await (call.direction === "out" ? this.dial(call) : this.answer(call));
  }

  /** From the look at the devices to the call; what does not work is asked for again. */
  async go(): Promise<void> {
    if (this.call?.stage !== "checking" || !this.devices) return;
    this.change({ stage: "asking", error: null });
    await this.proceed(this.devices);
  }

  /** Away from the look at the devices: what rings goes on ringing. */
  uncheck(): void {
    if (this.call?.direction === "in") this.change({ stage: "ringing" });
    else this.close();
  }

  private async dial(call: CallState): Promise<void> {
    this.change({ stage: "calling", error: null });
    const { consultation, media, device } = call;
    const { devices } = this;
    try {
      const ack = await this.socket.request({ type: "call.invite", consultation, client_id: newClientId(), device, media: [...media] });
      if (!ack.call) return;
      // Taken back before it had a name.
      if (devices !== this.devices) return this.socket.tell({ type: "call.hangup", call: ack.call });
      this.change({ call: ack.call });
      rememberCall({ call: ack.call, own: call.own });
    } catch (error) {
      if (devices === this.devices && this.call?.stage === "calling") this.become(failed(this.call, error));
    }
  }

  /** Takes the call that rings; `media` may be less than what was asked for. `check`: look at the devices first, while it rings on. */
  async accept(media: readonly Medium[], check = false): Promise<void> {
    if (this.call?.stage !== "ringing" || !this.devices) return;
    this.change({ stage: "asking", media, error: null });
    await this.proceed(this.devices, check);
  }

  private async answer({ call, device, media, own }: CallState): Promise<void> {
    if (!call) return;
    this.change({ stage: "connecting" });
    rememberCall({ call, own });
    const { devices } = this;
    try {
      await this.socket.request({ type: "call.accept", call, device, media: [...media] });
    } catch (error) {
      if (devices !== this.devices || !this.call || isOn(this.call)) return;
      const coded = codedFrom(error);
      if (coded.code.startsWith("client.")) this.change({ stage: "ringing", error: coded });
      else this.become(failed(this.call, error));
    }
  }

  decline(reason: "not_now" | "later" | "busy" = "not_now"): void {
    const { call } = this;
    if (call?.call) this.socket.request({ type: "call.decline", call: call.call, reason, note: "" }).catch(() => undefined);
    this.close();
  }

  /** Ends it, or takes the invitation back. */
  hangup(): void {
    const { call } = this;
    if (!call || call.stage === "ended") return;
    const reason = call.stage === "connecting" || call.trouble === "media" ? "no_connection" : "done";
    if (call.call) this.socket.request({ type: "call.hangup", call: call.call, reason: call.at === null ? "done" : reason }).catch(() => undefined);
    this.become(hungUp(call, this.me, Date.now()));
  }

  /** Lets go of a call that is over. */
  close(): void {
    this.letGo();
    showCall(null);
  }

  private rung(frame: FrameOf<"call.incoming">): void {
    const { call } = this;
    if (call && call.stage !== "ended") {
      clearTimeout(call.call === frame.call ? this.unringing : undefined);
      return this.hear(frame);
    }
    const now = Date.now();
    this.begin(incoming(frame, this.device, now));
    this.unringLater(frame.until - frame.at + RING_LATE_MS);
    this.socket.request({ type: "call.ringing", call: frame.call }).catch((error: unknown) => {
      // It was over before this page could show it.
      if (!codedFrom(error).code.startsWith("client.")) this.missed(frame.call);
    });
  }

  private unringLater(pause: number): void {
    clearTimeout(this.unringing);
    const id = this.call?.call;
    this.unringing = setTimeout(() => id && this.missed(id), pause);
  }

  private missed(id: string): void {
    const { call } = this;
    if (call?.call === id && !isOn(call) && call.direction === "in" && call.stage !== "ended") this.become(over(call, { state: "missed", reason: "", by: null, duration_s: null }));
  }

  private hear(frame: ServerFrame): void {
    const { call } = this;
    if (!call) return;
    const next = hear(call, frame, Date.now());
    if (next === call) return;
    this.become(next);
    if (frame.type === "call.accepted") void this.connect(frame);
  }

  private async connect(frame: Accepted): Promise<void> {
    clearTimeout(this.unringing);
    if (this.line) return this.line.back(frame);
    const { devices } = this;
    const line = new Line(frame, frame.resumed, this.socket, {
      remote: (remote) => this.change({ remote }),
      flows: (flows) => this.flows(flows),
      quality: (quality) => this.change({ quality }),
      thin: () => devices?.thin(),
    });
    this.line = line;
    this.sums = line.sums;
    const own = this.call?.own;
    if (frame.resumed && own) await devices?.reopen({ ...own, video: own.video && frame.media.includes("video") });
    if (line !== this.line) return;
    devices?.join(line);
    // Answered with voice alone: this side's picture was not asked for either.
    if (!frame.media.includes("video") && this.call?.own.video) await devices?.camera(false);
  }

  private flows(flows: boolean): void {
    if (!this.call || !isOn(this.call)) return;
    this.become(withTrouble(flows ? { ...this.call, stage: "connected" } : this.call, "media", !flows, Date.now()));
  }

  private trouble(lost: boolean): void {
    if (this.call && isOn(this.call)) this.become(withTrouble(this.call, "server", lost, Date.now()));
  }

  /** A new connection to the server: the call goes on over it. */
  private back(): void {
    const { call } = this;
    if (!call?.call || call.stage === "ended") return;
    if (call.direction === "in" && !isOn(call)) return this.unringLater(RING_AGAIN_MS);
    void this.takeUp(call.call);
  }

  private async resume(kept: Kept): Promise<void> {
    this.begin(resumed(kept, this.device));
    rememberCall(kept);
    if (this.socket.state === "online") await this.takeUp(kept.call);
  }

  private async takeUp(call: string): Promise<void> {
    try {
      await this.socket.request({ type: "call.resume", call, device: this.device });
    } catch (error) {
      if (this.call?.call !== call || codedFrom(error).code.startsWith("client.")) return;
      // After a reload there is nothing to show of a call that is over.
      if (this.call.consultation === "") this.close();
      else this.become(failed(this.call, error));
    }
  }

  private begin(call: CallState): Tools {
    this.letGo();
    showCall(call);
    const devices = new Tools(
      (part) => devices === this.devices && this.change(part),
      (own) => this.sends(own),
    );
    return (this.devices = devices);
  }

  private sends(own: Sending): void {
    const call = this.call?.call;
    if (!call) return;
    this.socket.tell({ type: "call.media", call, ...own });
    rememberCall({ call, own });
  }

  private change(part: Partial<CallState>): void {
    if (this.call) this.become({ ...this.call, ...part });
  }

  private become(next: CallState): void {
    if (next.stage === "ended") this.letGo();
    showCall(next);
  }

  /** The devices' lights go out; nothing of the call is remembered. */
  private letGo(): void {
    clearTimeout(this.unringing);
    this.line?.close();
    this.devices?.close();
    this.line = this.devices = null;
    rememberCall(null);
  }
}

function onAny(socket: Socket, types: readonly FrameType[], listener: (frame: ServerFrame) => void): () => void {
  const offs = types.map((type) => socket.on(type, listener));
  return () => offs.forEach((off) => off());
}
