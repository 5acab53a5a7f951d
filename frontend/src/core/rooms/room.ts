import { deviceName } from "../calls/device";
import { onNetworkChange } from "../calls/network";
import { heardAs, Looks, Steady } from "../calls/quality";
import { Tools } from "../calls/tools";
import type { Sending } from "../calls/current";
import { codedFrom } from "../errors";
import { newClientId } from "../ids";
import type { FrameOf } from "../protocol";
import type { Socket } from "../socket";
import { Links, type Heard } from "./links";
import { EMPTY, type RoomView, type Target } from "./view";

/** What a person reads before they agree that a room is recorded; its words are in ui/rooms. */
export const SHEET = "room.3";
/** A media server that is away is asked again after so long. */
const AGAIN_MS = 3_000;
const LOOK_MS = 2_000;
/** What may be sent in a room. */
const MEDIA = ["audio", "video"] as const;

/** One device in one room. `show` is told at every change with the whole new view. */
export class Room {
  /** Microphone, camera and screen. */
  readonly tools = new Tools(
    (part) => this.change(part),
    () => this.say(),
  );
  private looks = new Looks();
  private hearing = new Steady();
  private looking: ReturnType<typeof setInterval> | undefined;
  private links: Links | null = null;
  private heard: Heard = new Map();
  private said = new Map<string, Sending>();
  private seats: FrameOf<"room.state">["sitters"] = [];
  private device = "";
  private again: ReturnType<typeof setTimeout> | undefined;
  /** How the connections were last made. */
  private ready: FrameOf<"room.ready"> | null = null;
  private leaving: (() => void)[] = [];
  private view = EMPTY;
  private stopped = false;

  constructor(
    private readonly socket: Socket,
    private readonly me: string,
    private readonly target: Target,
    private readonly show: (view: RoomView) => void,
  ) {}

  async start(): Promise<void> {
    const mine = <Frame extends { call: string }>(listener: (frame: Frame) => void) => (frame: Frame) => {
      if (frame.call === this.view.room) listener(frame);
    };
    this.leaving = [
      this.socket.on("room.ready", mine((frame) => void this.offer(frame))),
      this.socket.on("room.published", mine((frame) => void this.links?.published(frame.sdp).catch(() => this.broken()))),
      this.socket.on("room.offered", mine((frame) => this.links?.offered(frame))),
      this.socket.on("ice.servers", mine((frame) => this.refreshed(frame))),
      this.socket.on("room.state", mine((frame) => this.seated(frame))),
      this.socket.on("room.media", mine((frame) => this.told(frame))),
      this.socket.on("recording.state", mine((recording) => this.change({ recording }))),
      this.socket.on("call.ended", mine((frame) => this.over(frame.reason))),
      this.socket.on("call.answered_elsewhere", mine(() => this.over("elsewhere"))),
      this.socket.on("welcome", () => void this.back()),
      onNetworkChange(() => this.moved()),
    ];
    this.looking = setInterval(() => void this.look(), LOOK_MS);
    this.device = await deviceName();
    // Nobody is seen before they press the camera's button.
    await this.tools.open(["audio"]);
    await this.enter();
  }

  /** The page goes away. A room that is not left is waited for, as after a reload. */
  stop(): void {
    this.stopped = true;
    this.release();
    this.leaving.forEach((off) => off());
  }

  leave(): void {
    if (this.gone()) return;
    if (this.view.room) this.socket.tell({ type: "call.hangup", call: this.view.room });
    this.over("left");
  }

  /** A microphone that was refused or missing is asked for again. */
  async mute(muted: boolean): Promise<void> {
    if (!muted) await this.tools.open(["audio"]);
    this.tools.mute(muted);
  }

  /** Takes the seat. Where that is refused for good, the devices' lights go out. */
  async enter(): Promise<void> {
    const { target, device } = this;
    const seat = { client_id: newClientId(), device, media: [...MEDIA] };
    if (this.gone()) return;
    this.change({ error: null });
    try {
      const room = this.view.room ?? ("room" in target ? target.room : null);
      // Known before the answer: what comes right behind it is about this room.
      if (room) this.change({ room });
      const ack = await this.socket.request(room ? { type: "room.join", call: room, ...seat } : { type: "room.open", consultation: (target as { thread: string }).thread, ...seat });
      this.entered(ack.call ?? room);
    } catch (caught) {
      if (this.gone()) return;
      const error = codedFrom(caught);
      if (!error.retry) this.over("refused");
      this.change({ error });
    }
  }

  /** Somebody may have gone to another page meanwhile. */
  private entered(room: string | null): void {
    if (!this.gone()) this.change({ stage: "in", room });
    else if (room) this.socket.tell({ type: "call.hangup", call: room });
  }

  private gone(): boolean {
    return this.stopped || this.view.stage === "over";
  }

  invite(person: string): Promise<unknown> {
    return this.ask({ type: "room.invite", client_id: newClientId(), person });
  }

  remove(person: string): Promise<unknown> {
    return this.ask({ type: "room.remove", client_id: newClientId(), person });
  }

  close(): Promise<unknown> {
    return this.ask({ type: "room.close" });
  }

  record(): Promise<unknown> {
    return this.ask({ type: "recording.request", client_id: newClientId(), text_version: SHEET });
  }

  answer(granted: boolean): Promise<unknown> {
    const version = this.view.recording?.text_version ?? SHEET;
    return this.ask({ type: "recording.consent", client_id: newClientId(), granted, text_version: version });
  }

  stopRecording(): Promise<unknown> {
    return this.ask({ type: "recording.stop", client_id: newClientId() });
  }

  private ask(command: Asked): Promise<unknown> {
    const { room } = this.view;
    return room ? this.socket.request({ ...command, call: room }) : Promise.resolve();
  }

  /** The socket is a new one: the same device takes its seat, again or at last. */
  private async back(): Promise<void> {
    const { stage, error } = this.view;
    if (stage === "in" || (stage === "entering" && error)) await this.enter();
  }

  /** What flows is left alone: each new offer interrupts the sound and its recording. Where the old way is dead the socket is found out, and
   * everything is made anew with the next one. */
  private moved(): void {
    this.socket.prove();
    if (!this.view.flows) this.broken();
  }

  private async offer(ready: FrameOf<"room.ready">): Promise<void> {
    clearTimeout(this.again);
    this.ready = ready;
    const before = this.links;
    const links: Links = new Links(ready, this.socket, {
      heard: (heard) => {
        this.heard = heard;
        this.compose();
      },
      broken: () => this.links === links && this.broken(),
      flows: (flows) => this.links === links && this.change({ flows }),
    });
    this.links = links;
    this.looks = new Looks();
    this.change({ flows: false });
    this.tools.join(links);
    try {
      await links.offer();
      // Not sooner: that it closes would look like a loss to the server.
      before?.close();
      this.say();
    } catch (error) {
      links.close();
      if (this.links !== links) return;
      this.links = before;
      if (before) this.tools.join(before);
      this.change({ error: codedFrom(error) });
      this.brokenAgain();
    }
  }

  /** Another way through the network is looked for from the beginning, with credentials of now. */
  private broken(): void {
    const { room, stage } = this.view;
    if (room && stage === "in") this.socket.tell({ type: "ice.refresh", call: room });
  }

  private brokenAgain(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.broken(), AGAIN_MS);
  }

  private refreshed({ ice, ice_until }: FrameOf<"ice.servers">): void {
    if (this.ready) void this.offer({ ...this.ready, ice, ice_until });
  }

  private seated(frame: FrameOf<"room.state">): void {
    const came = frame.sitters.some((one) => one.state === "in" && !this.seats.some((before) => before.person === one.person && before.state === "in"));
    this.seats = frame.sitters;
    this.change({ thread: frame.consultation, at: frame.at, error: null });
    this.compose();
    if (came) this.say();
  }

  private told({ person, audio, video, screen }: FrameOf<"room.media">): void {
    this.said.set(person, { audio, video, screen });
    this.compose();
  }

  private compose(): void {
    const others = this.seats.filter((one) => one.person !== this.me);
    const sitters = others.map(({ person, state }) => ({ person, state, sends: this.said.get(person) ?? null, stream: this.heard.get(person) ?? null }));
    this.change({ sitters });
  }

  /** How well the others are heard, said when it changes. */
  private async look(): Promise<void> {
    const { room, flows } = this.view;
    if (!this.links || !room || !flows) return;
    const quality = this.hearing.take(heardAs(this.looks.read(await this.links.stats())));
    if (quality === this.view.quality || this.gone()) return;
    this.change({ quality });
    this.socket.tell({ type: "call.quality", call: room, quality });
  }

  /** Nobody keeps what devices said of themselves: whoever comes is told by each of them. */
  private say(): void {
    const { room, own, stage } = this.view;
    if (room && stage === "in") this.socket.tell({ type: "call.media", call: room, ...own });
  }

  private over(reason: string): void {
    this.release();
    this.change({ stage: "over", reason, sitters: [], recording: null });
  }

  private release(): void {
    clearTimeout(this.again);
    this.links?.close();
    this.links = null;
    clearInterval(this.looking);
    this.tools.close();
  }

  private change(part: Partial<RoomView>): void {
    this.view = { ...this.view, ...part };
    this.show(this.view);
  }
}

type Asked =
  | { type: "room.invite" | "room.remove"; client_id: string; person: string }
  | { type: "room.close" }
  | { type: "recording.request"; client_id: string; text_version: string }
  | { type: "recording.consent"; client_id: string; granted: boolean; text_version: string }
  | { type: "recording.stop"; client_id: string };
