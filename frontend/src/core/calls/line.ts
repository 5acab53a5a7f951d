import type { FrameOf } from "../protocol";
import type { Socket } from "../socket";
import type { Quality } from "./current";
import { onNetworkChange } from "./network";
import { Peer } from "./peer";
import { heardAs, Looks, sentAs, Steady, Sums } from "./quality";

type Accepted = FrameOf<"call.accepted">;

const LOOK_MS = 2_000;
/** No sound by then: something was lost on the way, and it is tried again. */
const PATIENCE_MS = 6_000;
/** Three poor looks in a row: the picture goes, so that the sound stays. */
const POOR_LOOKS = 3;
/** New credentials when so much of the old ones' time is left. */
const REFRESH_MS = 60_000;

export interface LineEnds {
  remote: (stream: MediaStream) => void;
  /** Whether sound can flow now. */
  flows: (flows: boolean) => void;
  quality: (quality: Quality) => void;
  /** The connection does not carry a picture. */
  thin: () => void;
}

/** What connects two accepted devices: the Peer, its signalling over the socket, and a watch over how well it goes. */
export class Line {
  private readonly peer: Peer;
  private readonly leave: (() => void)[];
  private readonly looks = new Looks();
  private readonly heard = new Steady();
  readonly sums = new Sums();
  private readonly looking: ReturnType<typeof setInterval>;
  private refreshing: ReturnType<typeof setTimeout> | undefined;
  private said: Quality | null = null;
  private theirs: Quality | null = null;
  private poor = 0;
  private connected = false;
  private tried = Date.now();
  /** Nothing can be negotiated while one of the two is away from the server. */
  private held = false;

  constructor(
    private readonly accepted: Accepted,
    fresh: boolean,
    private readonly socket: Socket,
    private readonly ends: LineEnds,
  ) {
    const { call, polite, ice, relay_only } = accepted;
    this.peer = new Peer(polite, { ice, relayOnly: relay_only }, {
      describe: (kind, sdp) => void socket.request({ type: "rtc.description", call, kind, sdp }).catch(() => undefined),
      candidates: (candidates) => socket.tell({ type: "rtc.candidates", call, candidates: [...candidates] }),
      remote: ends.remote,
      state: (state) => this.became(state),
    });
    const mine = (frame: { call: string }) => frame.call === call;
    this.leave = [
      socket.on("peer.description", (frame) => mine(frame) && this.peer.hear(frame.kind, frame.sdp)),
      socket.on("peer.candidates", (frame) => mine(frame) && this.peer.hearCandidates(frame.candidates)),
      socket.on("peer.quality", (frame) => mine(frame) && (this.theirs = frame.quality)),
      socket.on("ice.servers", (frame) => mine(frame) && this.refreshed(frame)),
      socket.on("call.away", (frame) => mine(frame) && this.hold(frame.until !== null)),
      onNetworkChange(() => [socket.prove(), this.restart()]),
    ];
    this.looking = setInterval(() => void this.look(), LOOK_MS);
    this.refreshLater(accepted.ice_until);
    if (!polite || fresh) this.peer.offer();
  }

  send(kind: "audio" | "video", track: MediaStreamTrack | null): void {
    this.peer.send(kind, track);
  }

  /** Another way through the network, at once; not before the server can carry what has to be said. */
  restart(): void {
    if (this.held || this.socket.state !== "online") return;
    this.tried = Date.now();
    this.peer.restart();
  }

  /** Back on a new connection to the server, with credentials that may be new. */
  back(accepted: Accepted): void {
    this.refreshed(accepted);
    this.held = false;
    this.restart();
  }

  close(): void {
    clearInterval(this.looking);
    clearTimeout(this.refreshing);
    this.leave.forEach((off) => off());
    this.peer.close();
  }

  private became(state: RTCPeerConnectionState): void {
    const flows = state === "connected";
    // "new" and "connecting" are on the way; what was lost is said at once, and another way tried without waiting for "failed".
    if (flows === this.connected && flows) return;
    this.connected = flows;
    if (flows) this.ends.flows(true);
    if (state === "disconnected" || state === "failed") {
      this.ends.flows(false);
      this.socket.prove();
      this.restart();
    }
  }

  private hold(away: boolean): void {
    this.held = away;
    // Who comes back leads; if nothing comes of it, the next look tries.
    this.tried = Date.now();
  }

  private async look(): Promise<void> {
    if (!this.connected) {
      if (Date.now() - this.tried > PATIENCE_MS) this.restart();
      return;
    }
    const sample = this.looks.read(await this.peer.stats());
    this.sums.take(sample);
    const heard = this.heard.take(heardAs(sample));
    if (heard !== this.said) this.say(heard);
    this.poor = sentAs(sample) === "poor" || this.theirs === "poor" ? this.poor + 1 : 0;
    if (this.poor >= POOR_LOOKS) this.ends.thin();
  }

  private say(quality: Quality): void {
    this.said = quality;
    this.ends.quality(quality);
    this.socket.tell({ type: "call.quality", call: this.accepted.call, quality });
  }

  private refreshLater(until: number): void {
    clearTimeout(this.refreshing);
    // A clock that is wrong asks too often or too late, never without a pause.
    const pause = Math.max(REFRESH_MS / 2, until - Date.now() - REFRESH_MS);
    this.refreshing = setTimeout(() => this.refresh(), Math.min(pause, 2 ** 31 - 1));
  }

  private refresh(): void {
    const { call } = this.accepted;
    this.socket.request({ type: "ice.refresh", call }).catch(() => this.refreshLater(0));
  }

  private refreshed({ ice, ice_until }: Pick<Accepted, "ice" | "ice_until">): void {
    this.peer.refresh(ice);
    this.refreshLater(ice_until);
  }
}
