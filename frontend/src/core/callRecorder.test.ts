// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CallRecorder, leftOf, type RecordedCall } from "./callRecorder";
import { keep, keptTakes, keyFrom } from "./capture/spool";
import { database } from "./db";

const KEY = btoa("k".repeat(32));

class Recorder {
  static all: Recorder[] = [];
  static broken = false;
  static isTypeSupported = (type: string) => type.startsWith("audio/webm");
  state = "inactive";
  onstart: () => void = () => undefined;
  onpause: () => void = () => undefined;
  ondataavailable: (event: { data: Blob }) => void = () => undefined;
  onstop: () => void = () => undefined;

  constructor(readonly stream: MediaStream) {
    if (Recorder.broken) throw new DOMException("no", "NotSupportedError");
    Recorder.all.push(this);
  }

  start(): void {
    this.state = "recording";
    this.onstart();
  }

  stop(): void {
    this.state = "inactive";
    this.onstop();
  }

  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.ondataavailable({ data: { size: bytes.length, arrayBuffer: () => Promise.resolve(bytes.buffer) } as unknown as Blob });
  }
}

/** A browser that has been asked for the microphone, and answers when told to. */
class Microphone {
  on = 0;
  readonly answers: (() => void)[] = [];
  readonly getUserMedia = () =>
    new Promise((resolve) => {
      this.answers.push(() => {
        this.on++;
        const track = { stop: () => this.on--, onended: null };
        resolve({ getTracks: () => [track] });
      });
    });
}

let microphone: Microphone;
let online: boolean;
const calls: RecordedCall[] = [];
const recorder = () => new CallRecorder("sun", "f1", (call) => calls.push(call));
const locks = new Set<string>();

beforeEach(async () => {
  microphone = new Microphone();
  online = true;
  calls.length = 0;
  locks.clear();
  Recorder.all = [];
  Recorder.broken = false;
  vi.stubGlobal("MediaRecorder", Recorder);
  vi.stubGlobal("fetch", () => (online ? Promise.resolve(Response.json({ key: KEY })) : Promise.reject(new TypeError("no network"))));
  Object.defineProperty(navigator, "mediaDevices", { value: microphone, configurable: true });
  const request = async (name: string, act: () => Promise<void>) => {
    locks.add(name);
    await act();
    locks.delete(name);
  };
  Object.defineProperty(navigator, "locks", { value: { request, query: () => Promise.resolve({ held: [...locks].map((name) => ({ name })) }) }, configurable: true });
  const db = await database();
  await db.clear("takes");
  await db.clear("slices");
});

afterEach(() => vi.unstubAllGlobals());

/** Recording, with the first words on the disk. */
async function begun(): Promise<CallRecorder> {
  const one = recorder();
  void one.start();
  await vi.waitFor(() => expect(microphone.answers.length).toBe(1));
  microphone.answers[0]?.();
  await vi.waitFor(() => expect(one.state().stage).toBe("recording"));
  Recorder.all[0]?.say("hello ");
  await vi.waitFor(async () => expect((await keptTakes("sun/follow-up")).length).toBe(1));
  return one;
}

it("records nothing when the page was left while the browser still asked for the microphone", async () => {
  const one = recorder();
  const starting = one.start();
  await vi.waitFor(() => expect(microphone.answers.length).toBe(1));
  one.stop();
  expect(one.state().stage).toBe("idle");
  microphone.answers[0]?.();
  await starting;
  expect([microphone.on, Recorder.all.length, one.state().stage]).toEqual([0, 0, "idle"]);
});

it("does not ask for the microphone when it was stopped while the key was on its way, and begins again when asked to", async () => {
  const one = recorder();
  const starting = one.start();
  one.stop();
  void one.start();
  await starting;
  await vi.waitFor(() => expect(microphone.answers.length).toBe(1));
  microphone.answers[0]?.();
  await vi.waitFor(() => expect(one.state().stage).toBe("recording"));
  expect([microphone.on, Recorder.all.length]).toEqual([1, 1]);
});

it("turns the microphone off where the browser cannot record it", async () => {
  Recorder.broken = true;
  const one = recorder();
  const starting = one.start();
  await vi.waitFor(() => expect(microphone.answers.length).toBe(1));
  microphone.answers[0]?.();
  await starting;
  expect([microphone.on, one.state()]).toEqual([0, { stage: "idle", seconds: 0, markers: [], problem: "failed" }]);
});

it("begins without a network when the key was asked for before", async () => {
  online = false;
  const one = recorder();
  await expect(one.prepare()).rejects.toThrow();
  online = true;
  await one.prepare();
  online = false;
  void one.start();
  await vi.waitFor(() => expect(microphone.answers.length).toBe(1));
});

it("destroys what there is when the patient takes their yes back", async () => {
  const one = await begun();
  Recorder.all[0]?.say("and more ");
  expect(await one.withdraw()).toBe(true);
  Recorder.all[0]?.say("the last words");
  await vi.waitFor(() => expect(locks.size).toBe(0));
  expect([microphone.on, calls, await keptTakes("sun/follow-up"), await (await database()).getAll("slices")]).toEqual([0, [], [], []]);
});

it("leaves alone what another page still records, and gives what can be opened without what cannot", async () => {
  const one = await begun();
  expect(await leftOf("sun", "f1")).toEqual([]);
  one.stop();
  await vi.waitFor(() => expect(calls.length).toBe(1));
  const other = { id: "broken", owner: "sun/follow-up", url: "", about: "f1", size: 1, captured_ms: 1 };
  await keep(other, await keyFrom(btoa("x".repeat(32))), { offset: 0, bytes: new Uint8Array(1), captured_ms: 1 });
  const left = await leftOf("sun", "f1");
  expect(left.map(({ id, file }) => [id, file.size])).toEqual([[calls[0]?.id, "hello ".length]]);
});
