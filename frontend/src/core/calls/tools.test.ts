// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test } from "vitest";
import { Socket } from "../socket";
import { Calls } from "./calls";
import { currentCall, rememberCall, rememberedCall, type CallState } from "./current";
import { Tools } from "./tools";

/** A track of the browser: live until it is stopped or its device goes. */
class Track {
  enabled = true;
  live = true;
  contentHint = "";
  onended: (() => void) | null = null;

  constructor(readonly kind: "audio" | "video") {}

  stop(): void {
    this.live = false;
  }

  ends(): void {
    this.live = false;
    this.onended?.();
  }
}

class Stream {
  constructor(private readonly tracks: Track[]) {}
  getTracks = () => this.tracks;
  getVideoTracks = () => this.tracks.filter((one) => one.kind === "video");
}

/** What a browser gives of what is plugged in. */
class Devices extends EventTarget {
  mic = true;
  camera = true;
  asked = 0;
  tracks: Track[] = [];
  /** Resolves the picker of screens. */
  picked: () => Track = () => new Track("video");

  getUserMedia({ audio, video }: MediaStreamConstraints): Promise<Stream> {
    this.asked++;
    if ((audio && !this.mic) || (video && !this.camera)) return Promise.reject(new DOMException("", "NotFoundError"));
    return Promise.resolve(this.given(audio && "audio", video && "video"));
  }

  getDisplayMedia(): Promise<Stream> {
    return new Promise((resolve) => {
      this.picked = () => {
        const stream = this.given("video");
        resolve(stream);
        return stream.getTracks()[0] as Track;
      };
    });
  }

  enumerateDevices(): Promise<{ kind: string }[]> {
    return Promise.resolve([...(this.mic ? [{ kind: "audioinput" }] : []), ...(this.camera ? [{ kind: "videoinput" }] : [])]);
  }

  plugged(): void {
    this.dispatchEvent(new Event("devicechange"));
  }

  live(kind: "audio" | "video"): Track[] {
    return this.tracks.filter((one) => one.kind === kind && one.live);
  }

  private given(...kinds: unknown[]): Stream {
    const made = kinds.filter((kind) => kind === "audio" || kind === "video").map((kind) => new Track(kind));
    this.tracks.push(...made);
    return new Stream(made);
  }
}

const settled = () => new Promise((passed) => setTimeout(passed, 5));
let devices: Devices;
let shown: Partial<CallState>;
let tools: Tools;

beforeEach(() => {
  devices = new Devices();
  shown = {};
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: devices });
  Object.assign(globalThis, { MediaStream: Stream });
  Object.assign(window, { isSecureContext: true });
  tools = new Tools((part) => Object.assign(shown, part), () => undefined);
});
afterEach(() => {
  tools.close();
  sessionStorage.clear();
  Reflect.deleteProperty(navigator, "mediaDevices");
});

/** Wang shares her screen; returns its track. */
async function shares(): Promise<Track> {
  const done = tools.share(true);
  const screen = devices.picked();
  await done;
  return screen;
}

test("who is muted stays so with whatever microphone comes, and is heard again when they say so", async () => {
  await tools.open(["audio"]);
  tools.mute(true);
  devices.live("audio")[0]?.ends(); // the headset is unplugged; there is another microphone
  await settled();
  expect(devices.live("audio").map((one) => one.enabled)).toEqual([false]);
  expect(shown.own?.audio).toBe(false);
  devices.mic = false;
  devices.live("audio")[0]?.ends();
  await settled();
  expect(shown.micProblem).toBe("missing");
  devices.mic = true;
  devices.plugged();
  await tools.choose("mic", "another");
  await settled();
  expect(devices.live("audio").map((one) => one.enabled)).toEqual([false]);
  tools.mute(false);
  expect(devices.live("audio").map((one) => one.enabled)).toEqual([true]);
  expect(shown.own?.audio).toBe(true);
});

test("a camera that is plugged in shows nobody before it is asked for", async () => {
  devices.camera = false;
  await tools.open(["audio"]);
  await tools.camera(true);
  devices.plugged(); // something else
  await settled();
  expect(shown).toMatchObject({ cameraProblem: "missing", own: { video: false } });
  devices.camera = true;
  devices.plugged();
  await settled();
  expect(shown.cameraProblem).toBe(null);
  expect(devices.live("video")).toEqual([]);
  await tools.camera(true);
  expect(shown.own?.video).toBe(true);
});

test("a camera that is pulled out is not said to be sent", async () => {
  await tools.open(["audio", "video"]);
  devices.camera = false;
  devices.live("video")[0]?.ends();
  await settled();
  expect(shown).toMatchObject({ cameraProblem: "missing", own: { audio: true, video: false } });
});

test.each(["here", "in the browser's own bar"])("a screen that is no longer shared %s is gone, also when the camera does not come back", async (where) => {
  await tools.open(["audio", "video"]);
  const screen = await shares();
  expect(shown.own).toEqual({ audio: true, video: false, screen: true });
  devices.camera = false;
  if (where === "here") await tools.share(false);
  else screen.ends();
  await settled();
  expect(devices.live("video")).toEqual([]);
  expect(shown.own).toEqual({ audio: true, video: false, screen: false });
});

test("after a screen the camera comes back if it was on, and only then", async () => {
  await tools.open(["audio", "video"]);
  (await shares()).ends();
  await settled();
  expect(shown.own).toMatchObject({ video: true, screen: false });
  await tools.camera(false);
  (await shares()).ends();
  await settled();
  expect(shown.own).toMatchObject({ video: false, screen: false });
  expect(devices.live("video")).toEqual([]);
});

test("another camera takes the screen's place, and that is said", async () => {
  await tools.open(["audio", "video"]);
  const screen = await shares();
  await tools.choose("camera", "another");
  expect(screen.live).toBe(false);
  expect(shown.own).toEqual({ audio: true, video: true, screen: false });
});

test("a screen that is chosen after the call is over is not taken", async () => {
  await tools.open(["audio"]);
  const done = tools.share(true);
  tools.close();
  const screen = devices.picked();
  await done;
  expect(screen.live).toBe(false);
});

test("after a reload only what was on is opened", async () => {
  rememberCall({ call: "call-1", own: { audio: false, video: false, screen: true } });
  const kept = rememberedCall();
  if (kept) await tools.reopen(kept.own);
  expect(devices.live("audio").map((one) => one.enabled)).toEqual([false]);
  expect(devices.live("video")).toEqual([]);
  expect(shown.own).toEqual({ audio: false, video: false, screen: false });
  rememberCall(null);
  expect(rememberedCall()).toBe(null);
});

test("trying again twice while the browser asks tries once", async () => {
  const calls = new Calls(new Socket("ws://hospital.test/ws/"), "zhao");
  devices.mic = false;
  await calls.start({ type: "invite", consultation: "case-of-wang", media: ["audio"], check: false });
  await settled();
  expect(currentCall()?.stage).toBe("checking");
  const before = devices.asked;
  await Promise.all([calls.go(), calls.go()]);
  expect(devices.asked).toBe(before + 1);
  expect(currentCall()?.stage).toBe("checking");
  calls.stop();
});
