import { recordable, SLICE_MS } from "./capture/recorder";
import { forget, keep, keptTakes, keyFrom, restore } from "./capture/spool";
import type { KeptTake } from "./db";
import { Emitter } from "./emitter";
import { newClientId } from "./ids";
import { getDeviceKey, type Marker } from "./recordings";

export type RecorderProblem = "denied" | "missing" | "unsupported" | "failed" | "unkept";

export interface CallRecorderState {
  /** asking: for the key and the microphone; the time runs once both are there. */
  stage: "idle" | "asking" | "recording" | "paused" | "stopped";
  seconds: number;
  markers: readonly Marker[];
  problem: RecorderProblem | null;
}

/** A recorded call that the server does not have yet. */
export interface RecordedCall {
  id: string;
  file: File;
  seconds: number;
  markers: readonly Marker[];
}

const BITS_PER_SECOND = 32_000;
const DENIED = new Set(["NotAllowedError", "SecurityError"]);
const MISSING = new Set(["NotFoundError", "OverconstrainedError", "NotReadableError"]);

/** Records a follow-up call from the microphone of the desk. Each second is sealed on this device's disk at once, under a key that only the
 * server keeps; a page that is closed loses a second at most. Nothing is asked of the microphone before `start`, which is to follow consent. */
export class CallRecorder {
  private current: CallRecorderState = { stage: "idle", seconds: 0, markers: [], problem: null };
  private readonly changes = new Emitter<undefined>();
  /** What is heard, while it records. */
  stream: MediaStream | null = null;
  private media: MediaRecorder | null = null;
  private ticker: ReturnType<typeof setInterval> | undefined;
  private before = 0;
  private since = 0;
  private order: Promise<void> = Promise.resolve();
  private readonly parts: Uint8Array<ArrayBuffer>[] = [];
  private readonly take: KeptTake;

  constructor(
    owner: string,
    private readonly followUp: string,
    private readonly done: (call: RecordedCall) => void,
  ) {
    this.take = { id: newClientId(), owner: ownerOf(owner), url: "", about: followUp, size: 0, captured_ms: 0 };
  }

  readonly state = (): CallRecorderState => this.current;
  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  async start(): Promise<void> {
    const type = recordable();
    // Pages without TLS have no media devices at all, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!type || !devices) return this.show({ problem: "unsupported" });
    this.show({ stage: "asking", problem: null });
    try {
      const key = await keyFrom((await getDeviceKey(this.followUp)).key);
      this.record(await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true } }), type, key);
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      this.show({ stage: "idle", problem: DENIED.has(name) ? "denied" : MISSING.has(name) ? "missing" : "failed" });
    }
  }

  readonly pause = (): void => {
    if (this.media?.state === "recording") this.media.pause();
  };

  readonly resume = (): void => {
    if (this.media?.state === "paused") this.media.resume();
  };

  /** Marks this moment, to come back to it in the transcript. */
  readonly mark = (): void => {
    if (this.current.stage === "recording") this.show({ markers: [...this.current.markers, { kind: "mark", at: round(this.seconds()) }] });
  };

  readonly stop = (): void => {
    if (this.media && this.media.state !== "inactive") this.media.stop();
  };

  private record(stream: MediaStream, type: string, key: CryptoKey): void {
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
    this.media = media;
    this.stream = stream;
    media.onstart = () => {
      this.runs();
      // What comes first in the recording is said by somebody who has agreed.
      this.show({ markers: [{ kind: "consent", at: 0 }] });
      this.ticker = setInterval(() => this.show({ seconds: this.seconds() }), 250);
    };
    media.onpause = () => {
      this.before = this.seconds();
      this.since = 0;
      this.show({ stage: "paused" });
    };
    media.onresume = () => this.runs();
    media.ondataavailable = ({ data }) => {
      const captured_ms = Math.round(this.seconds() * 1000);
      // Reading a blob takes a moment: the order is that of the recorder.
      if (data.size > 0) this.order = this.order.then(async () => this.slice(new Uint8Array(await data.arrayBuffer()), captured_ms, key));
    };
    media.onerror = () => this.stop();
    // The microphone was pulled out or taken away: what was said until then is kept.
    for (const track of stream.getTracks()) track.onended = () => this.stop();
    media.onstop = () => {
      clearInterval(this.ticker);
      this.stream = null;
      for (const track of stream.getTracks()) track.stop();
      void this.order.then(() => this.end());
    };
    media.start(SLICE_MS);
  }

  private runs(): void {
    this.since = performance.now();
    this.show({ stage: "recording" });
  }

  private seconds(): number {
    return this.before + (this.since ? (performance.now() - this.since) / 1000 : 0);
  }

  private async slice(bytes: Uint8Array<ArrayBuffer>, captured_ms: number, key: CryptoKey): Promise<void> {
    const offset = this.take.size;
    this.parts.push(bytes);
    this.take.size += bytes.length;
    this.take.captured_ms = captured_ms;
    try {
      await keep({ ...this.take, markers: this.current.markers }, key, { offset, bytes, captured_ms });
    } catch {
      this.show({ problem: "unkept" });
    }
  }

  private end(): void {
    this.before = this.take.captured_ms / 1000;
    this.since = 0;
    this.show({ stage: "stopped", seconds: this.before });
    const { id } = this.take;
    this.done({ id, file: fileOf(this.parts, id), seconds: this.before, markers: this.current.markers });
  }

  private show(part: Partial<CallRecorderState>): void {
    this.current = { ...this.current, ...part };
    this.changes.emit(undefined);
  }
}

/** What closed pages left of this person's recordings of a call. Rejects when the server gives no key. */
export async function leftOf(owner: string, followUp: string): Promise<RecordedCall[]> {
  const kept = (await keptTakes(ownerOf(owner))).filter((take) => take.about === followUp);
  if (kept.length === 0) return [];
  const key = await keyFrom((await getDeviceKey(followUp)).key);
  return Promise.all(
    kept.map(async (take) => {
      const slices = await restore(take, key);
      const seconds = (slices.at(-1)?.captured_ms ?? 0) / 1000;
      return { id: take.id, file: fileOf(slices.map((slice) => slice.bytes), take.id), seconds, markers: take.markers ?? [] }; // prettier-ignore
    }),
  );
}

export const forgetCall = (id: string): Promise<void> => forget(id);

/** Apart from the takes of calls in a thread, which are sent in another way. */
const ownerOf = (person: string) => `${person}/follow-up`;

const fileOf = (parts: readonly Uint8Array<ArrayBuffer>[], id: string) => new File([...parts], `call-${id.slice(0, 8)}.webm`);

const round = (seconds: number) => Math.round(seconds * 100) / 100;
