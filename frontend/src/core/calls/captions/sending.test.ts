// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FrameType, ServerFrame } from "../../protocol";
import { RequestFailed } from "../../errors";
import type { Socket } from "../../socket";
import { showCall, type CallState } from "../current";
import { outgoing } from "../machine";
import { LiveCaptions } from "./captions";
import { PIECE } from "./sound";

const [WANG, ZHAO, CALL] = ["wang", "zhao", "call-1"];

/** A server that answers when it is told to. */
class Server {
  readonly asked: { type: string; call: string }[] = [];
  private readonly answers: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  private readonly listeners = new Map<FrameType, (frame: ServerFrame) => void>();
  on = (type: FrameType, listener: (frame: ServerFrame) => void) => (this.listeners.set(type, listener), () => this.listeners.delete(type));
  request = (command: { type: string; call: string }): Promise<void> => {
    this.asked.push(command);
    return new Promise<void>((resolve, reject) => this.answers.push({ resolve, reject }));
  };
  says = (frame: ServerFrame) => this.listeners.get(frame.type)?.(frame);
  /** Answers everything that waits. */
  async answer(refusal?: string): Promise<void> {
    for (const { resolve, reject } of this.answers.splice(0)) {
      if (refusal) reject(new RequestFailed({ code: refusal, message: { zh: "", en: "" }, retry: true }));
      else resolve();
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** What a browser's audio thread gives, piece by piece. */
let taps: { port: { onmessage?: (event: { data: Int16Array }) => void } }[] = [];
let open = 0;
const speak = (loud = true) => taps.at(-1)?.port.onmessage?.({ data: new Int16Array(PIECE).fill(loud ? 3_000 : 0) });

class Context {
  audioWorklet = { addModule: () => Promise.resolve() };
  constructor() {
    open++;
  }
  createMediaStreamSource = () => ({ connect: () => undefined });
  resume = () => Promise.resolve();
  close = () => {
    open--;
    return Promise.resolve();
  };
}

class Tap {
  port = {};
  constructor() {
    taps.push(this);
  }
}

const track = (id: string) => ({ id }) as MediaStreamTrack;
const streamOf = (id: string) => ({ getAudioTracks: () => [track(id)] }) as unknown as MediaStream;
const people = (wang: "asked" | "on" | "off") => ({ type: "captions.state" as const, call: CALL, people: [{ person: WANG, state: wang }] });
const talking = (part: Partial<CallState> = {}): CallState => ({
  ...outgoing("case", ["audio"], "tab-1"), call: CALL, stage: "connected", at: 1, captionable: true, own: { audio: true, video: false, screen: false }, local: streamOf("mic"), captions: people("on"), ...part,
}); // prettier-ignore

let server: Server;
let captions: LiveCaptions;
const shows = async (part: Partial<CallState> = {}) => {
  showCall(talking(part));
  await new Promise((resolve) => setTimeout(resolve));
};

beforeEach(async () => {
  taps = [];
  open = 0;
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal("AudioWorkletNode", Tap);
  vi.stubGlobal("MediaStream", EventTarget);
  server = new Server();
  captions = new LiveCaptions(server as unknown as Socket, WANG);
  captions.start(null);
  await shows();
});

afterEach(() => {
  captions.stop();
  showCall(null);
  vi.unstubAllGlobals();
});

test("Wang's sound is sent while she is captioned, and not a moment longer", async () => {
  speak();
  expect(server.asked).toMatchObject([{ type: "captions.sound", call: CALL }]);
  await shows({ captions: people("off") });
  speak();
  expect(server.asked).toHaveLength(1);
  expect(open).toBe(0);
});

test.each([
  ["she is muted", { own: { audio: false, video: false, screen: false } }],
  ["she was only asked", { captions: people("asked") }],
  ["nobody wants captions", { captions: null }],
  ["the server is out of reach", { trouble: "server" as const }],
  ["the call is over", { stage: "ended" as const }],
])("nothing is heard while %s", async (_, part) => {
  await shows(part);
  expect(open).toBe(0);
  speak();
  expect(server.asked).toEqual([]);
});

test("another microphone is heard in its place", async () => {
  await shows({ local: streamOf("headset") });
  expect(open).toBe(1);
  speak();
  expect(server.asked).toHaveLength(1);
});

test("a slow network loses the oldest sound, and she reads so until all of it goes again", async () => {
  for (let piece = 0; piece < 9; piece++) speak();
  expect(server.asked).toHaveLength(2);
  expect(captions.shown().trouble).toBe("overloaded");
  for (let turn = 0; turn < 5; turn++) await server.answer();
  expect(server.asked).toHaveLength(7);
  expect(captions.shown().trouble).toBeNull();
});

test("a server that makes none now is not asked again at once", async () => {
  speak();
  await server.answer("captions.unavailable");
  speak();
  expect(server.asked).toHaveLength(1);
});

test("lines of another call are nobody's, and all go when captions end", async () => {
  const line = { type: "captions.line" as const, person: ZHAO, number: 0, text: "早上好", final: true };
  server.says({ ...line, call: "another" });
  server.says({ ...line, call: CALL });
  expect(captions.shown().lines).toMatchObject([{ person: ZHAO, text: "早上好" }]);
  await shows({ captions: null });
  expect(captions.shown().lines).toEqual([]);
});
