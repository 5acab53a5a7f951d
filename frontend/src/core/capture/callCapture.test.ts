// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from "vitest";
import { showCall, type CallState } from "../calls/current";
import { database } from "../db";
import { CallCapture, TAKE_MS } from "./callCapture";
import { keptTakes } from "./spool";
import type { Tus } from "./tus";
import { Uploads } from "./uploads";

/** What this browser's own recorder would do: a slice when it is asked for one. */
class Recorder {
  static all: Recorder[] = [];
  static isTypeSupported = (type: string) => type.startsWith("audio/webm");
  state = "inactive";
  onstart: () => void = () => undefined;
  ondataavailable: (event: { data: Blob }) => void = () => undefined;
  onstop: () => void = () => undefined;

  constructor(readonly stream: MediaStream) {
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

const microphone = (id: string) => ({ getAudioTracks: () => [{ id }] }) as unknown as MediaStream;
const sent = new Map<string, string>();
const opened: Record<string, string>[] = [];
const server: Tus = {
  create: (_url, metadata) => {
    opened.push({ ...metadata });
    return Promise.resolve({ url: `/api/tracks/${opened.length}`, key: btoa("k".repeat(32)), offset: 0 });
  },
  again: (url) => Promise.resolve({ url, key: btoa("k".repeat(32)), offset: sent.get(url)?.length ?? 0 }),
  send: (url, { bytes }) => {
    sent.set(url, (sent.get(url) ?? "") + new TextDecoder().decode(bytes));
    return Promise.resolve(sent.get(url)?.length ?? 0);
  },
};

const recording = (state: string, generation = 1) => ({ state, generation, answers: [] }) as unknown as CallState["recording"];
const call = (part: Partial<CallState>) => showCall({ call: "c1", stage: "connected", local: microphone("m1"), recording: null, ...part } as CallState);

beforeEach(async () => {
  vi.stubGlobal("MediaRecorder", Recorder);
  vi.stubGlobal("MediaStream", function Stream() {});
  Recorder.all = [];
  opened.length = 0;
  sent.clear();
  const db = await database();
  await db.clear("takes");
  await db.clear("slices");
});

it("records while everybody agrees and at no other time, each yes and each microphone for itself", async () => {
  const uploads = new Uploads("wang", server);
  const capture = new CallCapture(uploads, (problem) => expect.fail(JSON.stringify(problem)));
  capture.start(null);
  for (const state of ["asked", "refused", "stopped", "withdrawn"]) call({ recording: recording(state) });
  expect(Recorder.all).toEqual([]);
  call({ recording: recording("on") });
  call({ recording: recording("on"), own: { audio: false, video: false, screen: false } });
  expect(Recorder.all.length).toBe(1);
  Recorder.all[0]?.say("one ");
  await vi.waitFor(() => expect(sent.get("/api/tracks/1")).toBe("one "));
  call({ recording: recording("on"), local: microphone("m2") });
  expect(Recorder.all.map(({ state }) => state)).toEqual(["inactive", "recording"]);
  call({ recording: recording("stopped") });
  call({ recording: recording("on", 2) });
  expect(opened.map(({ generation }) => generation)).toEqual(["1", "1", "2"]);
  call({ recording: recording("on", 2), stage: "ended" });
  expect(Recorder.all.every(({ state }) => state === "inactive")).toBe(true);
  capture.stop();
  uploads.stop();
});

it("begins another take before the server takes no more of one", async () => {
  const uploads = new Uploads("chen", server);
  const capture = new CallCapture(uploads, (problem) => expect.fail(JSON.stringify(problem)));
  const clock = vi.spyOn(performance, "now").mockReturnValue(0);
  capture.start(null);
  call({ recording: recording("on") });
  clock.mockReturnValue(TAKE_MS - 1);
  Recorder.all[0]?.say("one ");
  expect(Recorder.all.length).toBe(1);
  clock.mockReturnValue(TAKE_MS);
  Recorder.all[0]?.say("two ");
  await vi.waitFor(() => expect(Recorder.all.map(({ state }) => state)).toEqual(["inactive", "recording"]));
  Recorder.all[1]?.say("three ");
  await vi.waitFor(() => expect([...sent.values()]).toEqual(["one two ", "three "]));
  clock.mockRestore();
  capture.stop();
  uploads.stop();
});

it("destroys what it has of a recording at the moment that somebody takes their yes back", async () => {
  const uploads = new Uploads("li", { ...server, send: () => new Promise(() => undefined) });
  const capture = new CallCapture(uploads, () => undefined);
  capture.start(null);
  call({ recording: recording("on") });
  Recorder.all[0]?.say("what was said");
  const db = await database();
  await vi.waitFor(async () => expect((await keptTakes("li")).length).toBe(1));
  const take = (await keptTakes("li"))[0]?.id ?? "";
  expect((await db.getAllFromIndex("slices", "take", take)).length).toBe(1);
  call({ recording: recording("withdrawn") });
  Recorder.all[0]?.say("and after");
  await vi.waitFor(async () => expect([await keptTakes("li"), await db.getAllFromIndex("slices", "take", take)]).toEqual([[], []]));
  expect(uploads.unsent()).toEqual({ seconds: 0, state: "done", whole: false });
  capture.stop();
  uploads.stop();
});
