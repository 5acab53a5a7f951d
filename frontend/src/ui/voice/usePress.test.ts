// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Recorder } from "./recorder";
import { Press } from "./usePress";

/** A browser that records: jsdom has no microphone. */
class FakeMedia extends EventTarget {
  static isTypeSupported = (type: string) => type === "audio/webm;codecs=opus";
  state = "inactive";
  mimeType = "audio/webm;codecs=opus";
  onstart: (() => void) | null = null;
  onstop: (() => void) | null = null;
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  start() {
    this.state = "recording";
    this.onstart?.();
  }
  stop() {
    this.state = "inactive";
    this.ondataavailable?.({ data: new Blob(["sound"]) });
    this.onstop?.();
  }
}

class FakeAudioContext {
  createAnalyser = () => ({ fftSize: 32, getFloatTimeDomainData: (into: Float32Array) => into.fill(0.5) });
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = () => Promise.resolve();
}

const down = (clientY: number) => ({ button: 0, clientY }) as React.PointerEvent;
const move = (clientY: number) => window.dispatchEvent(new MouseEvent("pointermove", { clientY }));
const up = () => window.dispatchEvent(new MouseEvent("pointerup"));

let stopped = 0;
let asks: () => Promise<unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  stopped = 0;
  const track = { stop: () => stopped++, onended: null };
  asks = () => Promise.resolve({ getTracks: () => [track] });
  vi.stubGlobal("MediaRecorder", FakeMedia);
  vi.stubGlobal("AudioContext", FakeAudioContext);
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: () => asks() } });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function pressing() {
  const kept: number[] = [];
  const recorders: Recorder[] = [];
  const press = new Press(
    () => {
      const recorder = new Recorder((clip) => clip && kept.push(clip.duration_s));
      recorders.push(recorder);
      void recorder.start();
      return recorder;
    },
    () => true,
  );
  return { press, recorders, kept };
}

describe("pressing to talk", () => {
  test("a tap shorter than 300 ms is a tap", async () => {
    const { press, recorders } = pressing();
    press.onPointerDown(down(500));
    await vi.advanceTimersByTimeAsync(299);
    up();
    await vi.advanceTimersByTimeAsync(1000);
    expect([recorders.length, press.held, press.took()]).toEqual([0, "no", false]);
  });

  test("records while it is pressed, and keeps the clip when it is let go", async () => {
    const { press, recorders, kept } = pressing();
    press.onPointerDown(down(500));
    await vi.advanceTimersByTimeAsync(300);
    expect(press.held).toBe("held");
    await vi.advanceTimersByTimeAsync(2000);
    up();
    const state = recorders[0]!.state();
    expect([press.held, state.stage, press.took(), stopped]).toEqual(["released", "kept", true, 1]);
    expect(state.clip?.duration_s).toBeCloseTo(2, 1);
    expect(state.clip?.peaks[0]).toBeGreaterThan(50);
    expect(kept.length).toBe(1);
  });

  test("sliding up throws it away, sliding back does not", async () => {
    const { press, recorders, kept } = pressing();
    press.onPointerDown(down(500));
    await vi.advanceTimersByTimeAsync(1000);
    move(410);
    expect(press.held).toBe("cancelling");
    move(490);
    expect(press.held).toBe("held");
    move(400);
    up();
    expect([press.held, recorders[0]!.state().stage, kept, stopped]).toEqual(["no", "stopped", [], 1]);
  });

  test("let go while the browser still asks for the microphone, it goes on as if tapped", async () => {
    let grant: (stream: unknown) => void = () => undefined;
    asks = () => new Promise((resolve) => (grant = resolve));
    const { press, recorders } = pressing();
    press.onPointerDown(down(500));
    await vi.advanceTimersByTimeAsync(400);
    up();
    expect([press.held, recorders[0]!.state().stage]).toEqual(["no", "asking"]);
    grant({ getTracks: () => [] });
    await vi.advanceTimersByTimeAsync(50);
    expect(recorders[0]!.state()).toMatchObject({ stage: "recording", seconds: 0 });
  });
});

describe("a recording", () => {
  test("stops at three minutes and keeps the clip; it was safe every few seconds before", async () => {
    const kept: number[] = [];
    const recorder = new Recorder((clip) => clip && kept.push(clip.duration_s));
    await recorder.start();
    await vi.advanceTimersByTimeAsync(181_000);
    expect(recorder.state().stage).toBe("kept");
    expect(recorder.state().clip?.duration_s).toBe(180);
    expect(stopped).toBe(1);
  });

  test.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "missing"],
    ["AbortError", "failed"],
  ])("without a microphone (%s) it says why", async (name, problem) => {
    asks = () => Promise.reject(new DOMException("no", name));
    const recorder = new Recorder(() => undefined);
    await recorder.start();
    expect(recorder.state()).toMatchObject({ stage: "stopped", problem });
  });

  test("where browsers cannot record, it says so at once", async () => {
    vi.stubGlobal("MediaRecorder", undefined);
    const recorder = new Recorder(() => undefined);
    await recorder.start();
    expect(recorder.state().problem).toBe("unsupported");
  });

  test("deleted, it leaves nothing and lets go of the microphone", async () => {
    const kept: number[] = [];
    const recorder = new Recorder((clip) => clip && kept.push(clip.duration_s));
    await recorder.start();
    await vi.advanceTimersByTimeAsync(1000);
    recorder.discard();
    expect([recorder.state().stage, recorder.state().clip, kept, stopped]).toEqual(["stopped", null, [], 1]);
  });
});
