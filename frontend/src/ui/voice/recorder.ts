import { BITS_PER_SECOND, noMicrophone, recordable, SLICE_MS } from "@core/capture/recorder";
import { Emitter } from "@core/emitter";
import { MAX_SECONDS, peaksOf, type Clip } from "./clips";

export type Problem = "denied" | "missing" | "unsupported" | "failed";

export interface RecorderState {
  /** asking: the browser asks for the microphone; the time runs only once it is granted. */
  stage: "asking" | "recording" | "kept" | "stopped";
  seconds: number;
  /** The latest levels, 0..1, oldest first. */
  levels: readonly number[];
  problem: Problem | null;
  clip: Clip | null;
}

const TICK_MS = 100;
/** How often what was said is written to the disk: each second at first, while it is little. What a page begins to write when it is
 * closed may not arrive. */
const KEEP_MS = 5_000;
const SHORT_SECONDS = 15;
const SHOWN_LEVELS = 24;
/** Quieter than this many decibels below full scale is drawn as silence. */
const QUIETEST_DB = 60;

/** One recording from the microphone. `keep` is told what there is every few seconds, when the page goes away, and at the end; null
 * when it was thrown away. */
export class Recorder {
  private current: RecorderState = { stage: "asking", seconds: 0, levels: [], problem: null, clip: null };
  private readonly changes = new Emitter<undefined>();
  private stream: MediaStream | null = null;
  private media: MediaRecorder | null = null;
  private meter: Meter | null = null;
  private ticker: ReturnType<typeof setInterval> | undefined;
  private readonly parts: Blob[] = [];
  private readonly levels: number[] = [];
  private began = 0;
  private keptAt = 0;
  private given = false;

  constructor(private readonly keep: (clip: Clip | null) => void) {}

  readonly state = (): RecorderState => this.current;
  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  /** Asks for the microphone and records. Never rejects: what went wrong is `problem`. */
  async start(): Promise<void> {
    const type = recordable();
    // Pages without TLS have no media devices at all, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!type || !devices) return this.fail("unsupported");
    try {
      const stream = await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
      this.stream = stream;
      if (this.given) return this.release();
      this.record(stream, type);
    } catch (error) {
      this.fail(noMicrophone(error));
    }
  }

  /** Ends the recording and keeps it. Before the microphone was granted there is nothing to keep. */
  stop(): void {
    if (this.media?.state === "recording") this.media.stop();
    else if (this.current.stage === "asking") this.discard();
  }

  /** Ends it without a trace. */
  discard(): void {
    this.given = true;
    this.release();
    if (this.media && this.media.state !== "inactive") this.media.stop();
    this.keep(null);
    this.change({ stage: "stopped", clip: null });
  }

  private record(stream: MediaStream, type: string): void {
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
    this.media = media;
    this.meter = new Meter(stream);
    media.onstart = () => {
      this.began = this.keptAt = performance.now();
      this.change({ stage: "recording" });
      buzz();
      this.ticker = setInterval(() => this.tick(), TICK_MS);
      window.addEventListener("pagehide", this.keepNow);
    };
    media.ondataavailable = (event) => {
      if (event.data.size > 0) this.parts.push(event.data);
    };
    media.onstop = () => this.ended(type);
    media.onerror = () => this.stop();
    // The microphone was pulled out or taken away: what was said until then is kept.
    for (const track of stream.getTracks()) track.onended = () => this.stop();
    media.start(SLICE_MS);
  }

  private tick(): void {
    const now = performance.now();
    const seconds = (now - this.began) / 1000;
    const level = this.meter?.level() ?? 0;
    this.levels.push(level);
    this.change({ seconds, levels: this.levels.slice(-SHOWN_LEVELS) });
    if (now - this.keptAt >= (seconds < SHORT_SECONDS ? SLICE_MS : KEEP_MS)) this.keepNow();
    if (seconds >= MAX_SECONDS) this.stop();
  }

  private readonly keepNow = (): void => {
    this.keptAt = performance.now();
    if (!this.given && this.parts.length > 0) this.keep(this.clip(this.media?.mimeType ?? ""));
  };

  private ended(type: string): void {
    const seconds = Math.min(MAX_SECONDS, (performance.now() - this.began) / 1000);
    this.release();
    if (this.given) return;
    this.change({ seconds });
    if (this.parts.length === 0) return this.fail("failed");
    const clip = this.clip(this.media?.mimeType ?? type);
    this.keep(clip);
    buzz();
    this.change({ stage: "kept", clip });
  }

  private clip(type: string): Clip {
    return { parts: [...this.parts], type, duration_s: Math.max(0.1, this.current.seconds), peaks: peaksOf(this.levels) };
  }

  private fail(problem: Problem): void {
    this.release();
    this.change({ stage: "stopped", problem });
  }

  /** Lets go of the microphone: the browser's own sign goes out. */
  private release(): void {
    clearInterval(this.ticker);
    window.removeEventListener("pagehide", this.keepNow);
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = null;
    this.meter?.close();
    this.meter = null;
  }

  private change(part: Partial<RecorderState>): void {
    this.current = { ...this.current, ...part };
    this.changes.emit(undefined);
  }
}

/** Felt where phones can be felt; Safari has no such function. */
function buzz(): void {
  if ("vibrate" in navigator) navigator.vibrate(20);
}

/** How loud the microphone is now. */
export class Meter {
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly samples = new Float32Array(this.analyser.fftSize);

  constructor(stream: MediaStream) {
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  /** 0..1, as the ear hears it: in decibels. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, value) => sum + value * value, 0) / this.samples.length;
    return power > 0 ? Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / QUIETEST_DB)) : 0;
  }

  close(): void {
    void this.context.close().catch(() => undefined);
  }
}
