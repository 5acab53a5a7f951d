// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Recording } from "../calls/current";
import { Emitter } from "../emitter";
import { RequestFailed } from "../errors";
import type { Ack, Command, FrameOf, FrameType, ServerFrame } from "../protocol";
import type { Socket } from "../socket";
import { turned } from "./consent";
import { Room } from "./room";
import type { RoomView } from "./view";

const [ZHAO, LIU] = ["zhao", "liu"];
const ROOM = "room-1";

/** A server of a few lines: keeps what it is told, acknowledges, or refuses. */
class Hospital {
  readonly told: Command[] = [];
  refuses: RequestFailed | null = null;
  proofs = 0;
  private readonly frames = new Map<FrameType, Emitter<ServerFrame>>();

  on(type: FrameType, listener: (frame: never) => void): () => void {
    const emitter = this.frames.get(type) ?? new Emitter<ServerFrame>();
    this.frames.set(type, emitter);
    return emitter.add(listener as (frame: ServerFrame) => void);
  }

  say(frame: ServerFrame): void {
    this.frames.get(frame.type)?.emit(frame);
  }

  request(command: Command): Promise<Ack> {
    this.told.push(command);
    return this.refuses ? Promise.reject(this.refuses) : Promise.resolve({ type: "ack", id: "r1", call: ROOM } as Ack);
  }

  tell(command: Command): void {
    this.told.push(command);
  }

  prove(): void {
    this.proofs++;
  }

  /** What it was told of this type. */
  heard(type: Command["type"]): Command[] {
    return this.told.filter((one) => one.type === type);
  }
}

/** What a browser has for connections: it becomes what the test wants. */
class Connection {
  static all: Connection[] = [];
  connectionState: RTCPeerConnectionState = "new";
  localDescription = { sdp: "" };
  onconnectionstatechange: () => void = () => undefined;
  closed = false;
  readonly sends: (MediaStreamTrack | null)[] = [];

  constructor() {
    Connection.all.push(this);
  }

  addTransceiver() {
    return { sender: { replaceTrack: (track: MediaStreamTrack | null) => Promise.resolve(this.sends.push(track)) } };
  }

  createOffer = () => Promise.resolve({});
  setLocalDescription = () => Promise.resolve();
  getStats = () => Promise.resolve(new Map());

  close(): void {
    this.closed = true;
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange();
  }

  /** The connection of the last links that sends. */
  static get out(): Connection {
    return Connection.all.at(-2)!;
  }
}

class Track {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;

  constructor(readonly kind: string) {}

  stop(): void {
    this.stopped = true;
  }
}

let hospital: Hospital;
let asked: string[];
let tracks: Track[];
let allowed: boolean;
let view: RoomView;
let room: Room;

beforeEach(() => {
  vi.useFakeTimers();
  hospital = new Hospital();
  [asked, tracks, allowed, Connection.all] = [[], [], true, []];
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("MediaStream", function Stream() {});
  const getUserMedia = ({ audio, video }: MediaStreamConstraints) => {
    const kinds = [audio && "audio", video && "video"].filter((one) => typeof one === "string");
    asked.push(...kinds);
    if (!allowed) return Promise.reject(new DOMException("no", "NotAllowedError"));
    const given = kinds.map((kind) => new Track(kind));
    tracks.push(...given);
    return Promise.resolve({ getTracks: () => given });
  };
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: Object.assign(new EventTarget(), { getUserMedia }) });
  room = new Room(hospital as unknown as Socket, ZHAO, { room: ROOM }, (now) => (view = now));
});

afterEach(() => {
  room.stop();
  vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(0);
const ready: FrameOf<"room.ready"> = { type: "room.ready", call: ROOM, ice: [], ice_until: 0, relay_only: false };
const state = (...sitters: FrameOf<"room.state">["sitters"]): FrameOf<"room.state"> => ({ type: "room.state", call: ROOM, consultation: "c1", host: ZHAO, sitters, at: 0, until: 1 });

async function seated(): Promise<void> {
  await room.start();
  hospital.say(ready);
  hospital.say(state({ person: ZHAO, state: "in" }, { person: LIU, state: "in" }));
  await settled();
  Connection.out.become("connected");
}

test("Dr Zhao enters with her voice alone, is seen once she presses the camera, and her devices go dark when she leaves", async () => {
  await seated();
  expect(view).toMatchObject({ stage: "in", flows: true, own: { audio: true, video: false }, sitters: [{ person: LIU, state: "in" }] });
  expect(asked).toEqual(["audio"]);
  await room.tools.camera(true);
  expect(asked).toEqual(["audio", "video"]);
  expect(hospital.heard("call.media").at(-1)).toMatchObject({ audio: true, video: true });
  room.leave();
  expect(view).toMatchObject({ stage: "over", reason: "left", sitters: [] });
  expect(tracks.map((one) => one.stopped)).toEqual([true, true]);
  room.leave();
  expect(hospital.heard("call.hangup")).toHaveLength(1);
});

test("a microphone that was refused is asked for again when she wants to be heard", async () => {
  allowed = false;
  await seated();
  expect(view).toMatchObject({ stage: "in", micProblem: "denied", own: { audio: false } });
  allowed = true;
  await room.mute(false);
  expect(view).toMatchObject({ micProblem: null, own: { audio: true } });
  expect(Connection.out.sends).toContain(tracks[0]);
});

test("a connection that is interrupted is said at once, and made anew when it does not come back by itself", async () => {
  await seated();
  const [out, inward] = Connection.all as [Connection, Connection];
  out.become("disconnected");
  expect(view.flows).toBe(false);
  await vi.advanceTimersByTimeAsync(1_500);
  out.become("connected");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(view.flows).toBe(true);
  expect(hospital.heard("ice.refresh")).toHaveLength(0);
  for (const one of [out, inward]) one.become("disconnected");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(hospital.heard("ice.refresh")).toHaveLength(1);
  hospital.say({ type: "ice.servers", call: ROOM, ice: [], ice_until: 9 });
  await settled();
  expect(out.closed && inward.closed).toBe(true);
  Connection.out.become("connected");
  expect(view.flows).toBe(true);
  out.become("failed");
  expect(view.flows).toBe(true);
});

test("another network: the socket is asked for a sign of life, and only what does not flow is made anew", async () => {
  await seated();
  window.dispatchEvent(new Event("online"));
  expect([hospital.proofs, hospital.heard("ice.refresh").length]).toEqual([1, 0]);
  Connection.out.become("failed");
  window.dispatchEvent(new Event("online"));
  expect([hospital.proofs, hospital.heard("ice.refresh").length]).toEqual([2, 2]);
});

test("a new socket takes the seat again; one that was never taken is taken then; nobody comes back into what she left", async () => {
  const offline = new RequestFailed({ code: "client.offline", message: null, retry: true });
  hospital.refuses = offline;
  await room.start();
  expect(view).toMatchObject({ stage: "entering", error: { code: "client.offline" } });
  hospital.refuses = null;
  const welcome = async () => {
    hospital.say({ type: "welcome", person: ZHAO, at: 1 });
    await settled();
  };
  await welcome();
  expect(view).toMatchObject({ stage: "in", error: null });
  await welcome();
  expect(hospital.heard("room.join")).toHaveLength(3);
  room.leave();
  await welcome();
  expect(hospital.heard("room.join")).toHaveLength(3);
});

test("who is refused for good is told why, with the devices dark and nothing to take back", async () => {
  hospital.refuses = new RequestFailed({ code: "room.full", message: null, retry: false });
  await room.start();
  expect(view).toMatchObject({ stage: "over", reason: "refused", error: { code: "room.full" } });
  expect(tracks.map((one) => one.stopped)).toEqual([true]);
  room.leave();
  expect(hospital.heard("call.hangup")).toHaveLength(0);
});

test("who leaves before the seat is there gives it back", async () => {
  const started = room.start();
  await vi.waitUntil(() => hospital.heard("room.join").length === 1);
  room.leave();
  await started;
  expect(view).toMatchObject({ stage: "over", reason: "left" });
  expect(hospital.told.at(-1)).toMatchObject({ type: "call.hangup", call: ROOM });
});

test("the end of a room, or of one's seat in it, is what the server says", async () => {
  await seated();
  hospital.say({ type: "call.ended", call: "another", consultation: "c1", state: "ended", reason: "closed", by: null, duration_s: 1 });
  expect(view.stage).toBe("in");
  hospital.say({ type: "call.answered_elsewhere", call: ROOM });
  expect(view).toMatchObject({ stage: "over", reason: "elsewhere" });
});

test("each turn of a recording is said once, a no by name only to whoever asked", async () => {
  await seated();
  const recording = (now: Recording["state"], granted: boolean | null = null, generation = 1): Recording => ({
    type: "recording.state", call: ROOM, state: now, asked_by: ZHAO, answers: [{ person: ZHAO, granted: true }, { person: LIU, granted }], text_version: "t.1", generation, at: 1,
  }); // prettier-ignore
  hospital.say(recording("asked"));
  expect(view.recording?.answers.find((one) => one.person === LIU)?.granted).toBeNull();
  await room.answer(true);
  expect(hospital.told.at(-1)).toMatchObject({ type: "recording.consent", granted: true, text_version: "t.1" });
  const all = [recording("asked"), recording("asked"), recording("on", true), recording("on", true), recording("asked", null, 2), recording("on", true, 2), recording("withdrawn", false, 2), recording("asked", null, 3), recording("refused", false, 3), recording("asked", null, 4), recording("stopped", null, 4), recording("on", true, 5), recording("stopped", true, 5)];
  const said = (me: string) => all.map((now, at) => turned(all[at - 1] ?? null, now, me));
  expect(said(ZHAO)).toEqual(["asked", null, "started", null, "paused", "started", "withdrawn", "asked", "refused.by", "asked", null, "started", "stopped"]);
  expect(said(LIU)[8]).toBe("refused.mine");
  expect(said("wang")).toEqual([null, null, "started", null, "paused", "started", "withdrawn", null, "refused", null, null, "started", "stopped"]);
  expect(turned(null, recording("withdrawn", false), LIU)).toBeNull();
});

test("Dr Zhao's microphone is pulled out: another one is used, and everybody is told that she is heard again", async () => {
  await seated();
  const [mic] = tracks;
  hospital.told.length = 0;
  allowed = false;
  mic!.onended?.();
  await settled();
  expect(hospital.heard("call.media").at(-1)).toMatchObject({ audio: false });
  expect(view.micProblem).toBe("denied");
  allowed = true;
  await room.mute(false);
  expect(hospital.heard("call.media").at(-1)).toMatchObject({ audio: true });
  expect(view.micProblem).toBeNull();
});
