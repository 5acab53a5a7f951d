import { withOpus } from "../calls/sdp";
import type { FrameOf } from "../protocol";
import type { Socket } from "../socket";

type Ready = FrameOf<"room.ready">;
type Side = "out" | "in";
/** Whose sound and picture arrive, by person. */
export type Heard = ReadonlyMap<string, MediaStream>;

/** As the server bounds a batch. */
const BATCH = 20;
/** What was interrupted may come back by itself for so long. */
const PATIENCE_MS = 2_000;

export interface LinkEnds {
  heard: (heard: Heard) => void;
  /** A connection broke, and will not come back by itself. Said once. */
  broken: () => void;
  /** Whether sound can leave this device now. */
  flows: (flows: boolean) => void;
}

/** This device's two connections with the media server: on one it sends, on the other it hears everybody else. Made anew when one breaks. */
export class Links {
  private readonly out: RTCPeerConnection;
  private readonly inward: RTCPeerConnection;
  private readonly senders: Record<"audio" | "video", RTCRtpSender>;
  private readonly held: Record<Side, RTCIceCandidateInit[]> = { out: [], in: [] };
  private readonly open: Record<Side, boolean> = { out: false, in: false };
  private streams = new Map<string, MediaStream>();
  private answering: Promise<void> = Promise.resolve();
  private readonly waiting: Partial<Record<Side, ReturnType<typeof setTimeout>>> = {};
  private over = false;

  constructor(
    private readonly ready: Ready,
    private readonly socket: Socket,
    private readonly ends: LinkEnds,
  ) {
    this.out = this.connection("out");
    this.inward = this.connection("in");
    // Sound first: that is what the server records.
    const audio = this.out.addTransceiver("audio", { direction: "sendonly" });
    const video = this.out.addTransceiver("video", { direction: "sendonly" });
    this.senders = { audio: audio.sender, video: video.sender };
  }

  send(kind: "audio" | "video", track: MediaStreamTrack | null): void {
    void this.senders[kind].replaceTrack(track).catch(() => undefined);
  }

  /** Of the connection on which everybody else is heard. */
  async stats(): Promise<Iterable<Record<string, unknown>>> {
    const report = (await this.inward.getStats()) as unknown as ReadonlyMap<string, Record<string, unknown>>;
    return report.values();
  }

  /** Rejects where the server refuses the offer. */
  async offer(): Promise<void> {
    await this.out.setLocalDescription(await this.out.createOffer());
    const { sdp } = this.out.localDescription ?? { sdp: "" };
    await this.socket.request({ type: "room.offer", call: this.ready.call, sdp: withOpus(sdp) });
  }

  async published(sdp: string): Promise<void> {
    await this.out.setRemoteDescription({ type: "answer", sdp: withOpus(sdp) });
    this.release("out");
  }

  /** Answers one offer after another. */
  offered(frame: FrameOf<"room.offered">): void {
    this.answering = this.answering.then(() => this.answer(frame)).catch(() => this.broken());
  }

  private async answer({ call, sdp, streams }: FrameOf<"room.offered">): Promise<void> {
    if (this.inward.signalingState === "closed") return;
    await this.inward.setRemoteDescription({ type: "offer", sdp });
    await this.inward.setLocalDescription(await this.inward.createAnswer());
    this.compose(streams);
    await this.socket.request({ type: "room.answer", call, sdp: this.inward.localDescription?.sdp ?? "" });
    this.release("in");
  }

  /** A stream stays the same object while its tracks do: what plays is not begun anew because somebody else came. */
  private compose(streams: FrameOf<"room.offered">["streams"]): void {
    const tracks = new Map<string, MediaStreamTrack[]>();
    for (const { mid, person } of streams) {
      const track = this.inward.getTransceivers().find((one) => one.mid === mid)?.receiver.track;
      if (track) tracks.set(person, [...(tracks.get(person) ?? []), track]);
    }
    this.streams = new Map([...tracks].map(([person, found]) => [person, kept(this.streams.get(person), found)]));
    this.ends.heard(this.streams);
  }

  close(): void {
    this.over = true;
    for (const timer of Object.values(this.waiting)) clearTimeout(timer);
    this.out.close();
    this.inward.close();
  }

  private connection(side: Side): RTCPeerConnection {
    const { ice, relay_only } = this.ready;
    const made = new RTCPeerConnection({ iceServers: ice.map((one) => ({ ...one, username: one.username ?? "", credential: one.credential ?? "" })), iceTransportPolicy: relay_only ? "relay" : "all" });
    made.onicecandidate = ({ candidate }) => this.found(side, candidate?.toJSON() ?? { candidate: "" });
    made.onconnectionstatechange = () => this.became(side, made.connectionState);
    return made;
  }

  /** What was lost is said at once; "disconnected" has a moment to come back before both are made anew. */
  private became(side: Side, state: RTCPeerConnectionState): void {
    clearTimeout(this.waiting[side]);
    const lost = state === "disconnected" || state === "failed";
    if (side === "out" && (lost || state === "connected")) this.ends.flows(!lost);
    if (state === "failed") this.broken();
    if (state === "disconnected") this.waiting[side] = setTimeout(() => this.broken(), PATIENCE_MS);
  }

  private broken(): void {
    if (this.over) return;
    this.over = true;
    this.ends.broken();
  }

  /** Candidates follow the description that they belong to. */
  private found(side: Side, candidate: RTCIceCandidateInit): void {
    this.held[side].push(candidate);
    if (this.open[side]) this.release(side);
  }

  private release(side: Side): void {
    this.open[side] = true;
    while (this.held[side].length > 0) {
      const candidates = this.held[side].splice(0, BATCH).map(plain);
      this.socket.tell({ type: "room.candidates", call: this.ready.call, side, candidates });
    }
  }
}

function kept(before: MediaStream | undefined, tracks: MediaStreamTrack[]): MediaStream {
  const same = before?.getTracks().length === tracks.length && tracks.every((track) => before.getTrackById(track.id) === track);
  return before && same ? before : new MediaStream(tracks);
}

function plain({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: RTCIceCandidateInit) {
  return { candidate: candidate ?? "", sdpMid: sdpMid ?? null, sdpMLineIndex: sdpMLineIndex ?? null, usernameFragment: usernameFragment ?? null };
}
