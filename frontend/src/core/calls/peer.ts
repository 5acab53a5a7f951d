import type { Schemas } from "../protocol";
import type { IceServer } from "./current";
import { sessionOf, withOpus } from "./sdp";

type Description = Schemas["PeerDescription"]["kind"];
type Candidate = Schemas["PeerCandidates"]["candidates"][number];

const BATCH = 20;
const BATCH_MS = 50;
/** Bits per second of one sender: a picture that leaves room for the sound, and sound as Opus needs it for speech. */
const CEILING = { audio: 32_000, video: 900_000 } as const;
type Kind = keyof typeof CEILING;
const KINDS: readonly Kind[] = ["audio", "video"];

export interface Relay {
  ice: readonly IceServer[];
  relayOnly: boolean;
}

/** Where a Peer's news go: to the other side, and to whoever holds it. */
export interface PeerEnds {
  describe: (kind: Description, sdp: string) => void;
  candidates: (batch: readonly Candidate[]) => void;
  remote: (stream: MediaStream) => void;
  state: (state: RTCPeerConnectionState) => void;
}

/**
 * The connection to the other side of an accepted call. One sender for sound and one for the picture from the first offer on, so that
 * camera, screen and mute need no negotiation; what is left to negotiate are the first offer and new ways through the network (perfect
 * negotiation, W3C webrtc 10.7). A side whose page was reloaded is recognised by the session id of its description: then this side begins
 * with a new connection too.
 */
export class Peer {
  private pc: RTCPeerConnection;
  private session: string | null = null;
  private ignoring = false;
  private work: Promise<unknown> = Promise.resolve();
  private batch: Candidate[] = [];
  private batchTimer: ReturnType<typeof setTimeout> | undefined;
  private early: Candidate[] = [];
  private over = false;
  private readonly tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  /** Both senders belong to it: the other side keeps lips and voice together. */
  private readonly group = new MediaStream();

  constructor(
    private readonly polite: boolean,
    private relay: Relay,
    private readonly ends: PeerEnds,
  ) {
    this.pc = this.build();
  }

  /** The first offer: by the caller, or by whoever comes back with a new page. */
  offer(): void {
    this.queue(() => this.propose());
  }

  /** Looks for another way through the network, at once. An offer that was lost on the way is taken back first. */
  restart(): void {
    this.queue(async () => {
      if (this.pc.signalingState === "have-local-offer") await this.pc.setLocalDescription({ type: "rollback" });
      if (this.pc.signalingState !== "stable") return;
      this.pc.restartIce();
      await this.propose();
    });
  }

  /** What is sent from now on; null: nothing of that kind. */
  send(kind: Kind, track: MediaStreamTrack | null): void {
    this.tracks[kind] = track;
    void this.carrier(kind)?.sender.replaceTrack(track).catch(() => undefined);
  }

  /** New credentials, for the next restart. */
  refresh(ice: readonly IceServer[]): void {
    this.relay = { ...this.relay, ice };
    this.pc.setConfiguration(configuration(this.relay));
  }

  hear(kind: Description, sdp: string): void {
    this.queue(() => this.take(kind, sdp));
  }

  hearCandidates(candidates: readonly Candidate[]): void {
    this.queue(() => this.takeCandidates(candidates));
  }

  async stats(): Promise<Iterable<Record<string, unknown>>> {
    const report = (await this.pc.getStats()) as unknown as ReadonlyMap<string, Record<string, unknown>>;
    return report.values();
  }

  close(): void {
    this.over = true;
    clearTimeout(this.batchTimer);
    silence(this.pc);
  }

  /** One act at a time: nothing said by the other side falls between an offer and what it does here. */
  private queue(act: () => Promise<void>): void {
    this.work = this.work.then(() => (this.over ? undefined : act())).catch(() => undefined);
  }

  private build(): RTCPeerConnection {
    const pc = new RTCPeerConnection(configuration(this.relay));
    pc.onnegotiationneeded = () => this.queue(() => (pc === this.pc && pc.remoteDescription ? this.propose() : Promise.resolve()));
    pc.onicecandidate = ({ candidate }) => (candidate ? this.found(candidate) : this.flush());
    pc.ontrack = () => this.ends.remote(new MediaStream(pc.getReceivers().map((one) => one.track)));
    pc.onconnectionstatechange = () => this.ends.state(pc.connectionState);
    return pc;
  }

  private rebuild(): void {
    silence(this.pc);
    this.session = null;
    this.early = [];
    this.pc = this.build();
  }

  private async propose(): Promise<void> {
    if (this.pc.signalingState !== "stable") return;
    if (this.pc.getTransceivers().length === 0) for (const kind of KINDS) this.open(kind);
    await this.pc.setLocalDescription();
    this.tell();
  }

  private open(kind: Kind): void {
    this.pc.addTransceiver(this.tracks[kind] ?? kind, { direction: "sendrecv", streams: [this.group] });
  }

  private async take(kind: Description, sdp: string): Promise<void> {
    const session = sessionOf(sdp);
    const another = this.session !== null && session !== this.session;
    if (kind === "answer" && another) {
      this.rebuild();
      return this.propose();
    }
    if (kind === "answer" && this.pc.signalingState !== "have-local-offer") return;
    if (kind === "offer" && another) this.rebuild();
    this.ignoring = kind === "offer" && !this.polite && this.pc.signalingState !== "stable";
    if (this.ignoring) return;
    await this.pc.setRemoteDescription({ type: kind, sdp });
    this.session = session;
    if (kind === "offer") await this.answer();
    this.limit();
    const waiting = this.early.splice(0);
    if (waiting.length) await this.takeCandidates(waiting);
  }

  private async answer(): Promise<void> {
    for (const kind of KINDS) {
      const carrier = this.carrier(kind);
      if (!carrier) continue;
      carrier.direction = "sendrecv";
      if ("setStreams" in carrier.sender) carrier.sender.setStreams(this.group);
      await carrier.sender.replaceTrack(this.tracks[kind]);
    }
    await this.pc.setLocalDescription();
    this.tell();
  }

  private tell(): void {
    const { localDescription: made } = this.pc;
    if (made && (made.type === "offer" || made.type === "answer")) this.ends.describe(made.type, withOpus(made.sdp));
  }

  private async takeCandidates(candidates: readonly Candidate[]): Promise<void> {
    if (!this.pc.remoteDescription) return void this.early.push(...candidates);
    // Those of an offer that was not taken, or of a way that is no longer tried, fit nothing here.
    for (const one of candidates) await this.pc.addIceCandidate(one as RTCIceCandidateInit).catch(() => undefined);
  }

  private found({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: RTCIceCandidate): void {
    this.batch.push({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    if (this.batch.length >= BATCH) return this.flush();
    this.batchTimer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  private flush(): void {
    clearTimeout(this.batchTimer);
    this.batchTimer = undefined;
    const batch = this.batch.splice(0);
    if (batch.length) this.ends.candidates(batch);
  }

  private carrier(kind: Kind): RTCRtpTransceiver | undefined {
    return this.pc.getTransceivers().find((one) => one.receiver.track.kind === kind);
  }

  private limit(): void {
    for (const kind of KINDS) {
      const sender = this.carrier(kind)?.sender;
      const wish = sender?.getParameters();
      if (!sender || !wish?.encodings.length) continue;
      for (const encoding of wish.encodings) encoding.maxBitrate = CEILING[kind];
      void sender.setParameters(wish).catch(() => undefined);
    }
  }
}

function configuration({ ice, relayOnly }: Relay): RTCConfiguration {
  const iceServers = ice.map(({ urls, username, credential }) => ({ urls, ...(username && { username }), ...(credential && { credential }) }));
  return { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" };
}

function silence(pc: RTCPeerConnection): void {
  pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = pc.onconnectionstatechange = null;
  pc.close();
}
