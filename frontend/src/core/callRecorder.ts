import { heldTakes, hold } from "./capture/locks";
import { BITS_PER_SECOND, noMicrophone, recordable, SLICE_MS } from "./capture/recorder";
import { forget, keep, keptTakes, keyFrom, restore } from "./capture/spool";
import type { KeptTake } from "./db";
import { Emitter } from "./emitter";
import { newClientId } from "./ids";
import { getDeviceKey, type Marker } from "./recordings";

export type RecorderProblem = "denied" | "missing" | "unsupported" | "failed" | "unkept" | "undeleted";

export interface CallRecorderState {
  /** asking: for the key and the microphone; the time runs once both are there. stopped: what there is goes to `done`, or is deleted. */
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

/** Records a follow-up call from the microphone of the desk. Each second is sealed on this device's disk at once, under a key that only the
 * server keeps; a page that is closed loses a second at most. Nothing is asked of the microphone before `start`, which is to follow consent,
 * and nothing is recorded after `stop`, whatever was still being asked then. */
export class CallRecorder {
  private current: CallRecorderState = { stage: "idle", seconds: 0, markers: [], problem: null };
  private readonly changes = new Emitter<undefined>();
  /** What is heard, while it records. */
  stream: MediaStream | null = null;
  /** What was asked for by `start` and not taken back by `stop`. */
  private wanted: object | null = null;
  private withdrawn = false;
  private key: Promise<CryptoKey> | null = null;
  private media: MediaRecorder | null = null;
  private letGo: () => void = () => undefined;
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

  /** Asks for the key before it is needed: a recording can then begin without a network. */
  prepare(): Promise<CryptoKey> {
    this.key ??= getDeviceKey(this.followUp).then(({ key }) => keyFrom(key));
    this.key.catch(() => {
      this.key = null;
    });
    return this.key;
  }

  async start(): Promise<void> {
    if (this.current.stage !== "idle") return;
    const type = recordable();
    // Pages without TLS have no media devices at all, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!type || !devices) return this.show({ problem: "unsupported" });
    const wanted = {};
    this.wanted = wanted;
    this.show({ stage: "asking", problem: null });
    let stream: MediaStream | null = null;
    try {
      const key = await this.prepare();
      if (this.wanted !== wanted) return;
      stream = await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true } });
      if (this.wanted !== wanted) return silence(stream);
      this.record(stream, type, key);
    } catch (error) {
      if (stream) this.release(stream);
      if (this.wanted === wanted) this.failed(error);
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
    this.wanted = null;
    if (this.current.stage === "asking" && !this.media) this.show({ stage: "idle" });
    if (this.media && this.media.state !== "inactive") this.media.stop();
  };

  /** The patient takes their yes back: it stops, and what there is of it is destroyed. Resolves to whether nothing is left; it can be done again. */
  readonly withdraw = async (): Promise<boolean> => {
    this.withdrawn = true;
    this.stop();
    this.parts.length = 0;
    await this.order.catch(() => undefined);
    try {
      await forget(this.take.id);
      return true;
    } catch {
      this.show({ stage: "stopped", problem: "undeleted" });
      return false;
    }
  };

  private record(stream: MediaStream, type: string, key: CryptoKey): void {
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
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
      this.release(stream);
      void this.order.then(() => this.end());
    };
    media.start(SLICE_MS);
    this.media = media;
    this.letGo = hold(this.take.id);
  }

  private release(stream: MediaStream): void {
    this.stream = null;
    silence(stream);
  }

  private failed(error: unknown): void {
    this.wanted = null;
    this.show({ stage: "idle", problem: noMicrophone(error) });
  }

  private runs(): void {
    this.since = performance.now();
    this.show({ stage: "recording" });
  }

  private seconds(): number {
    return this.before + (this.since ? (performance.now() - this.since) / 1000 : 0);
  }

  private async slice(bytes: Uint8Array<ArrayBuffer>, captured_ms: number, key: CryptoKey): Promise<void> {
    if (this.withdrawn) return;
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
    this.letGo();
    this.before = this.take.captured_ms / 1000;
    this.since = 0;
    this.show({ stage: "stopped", seconds: this.before });
    if (this.withdrawn) return;
    const { id } = this.take;
    this.done({ id, file: fileOf(this.parts, id), seconds: this.before, markers: this.current.markers });
  }

  private show(part: Partial<CallRecorderState>): void {
    this.current = { ...this.current, ...part };
    this.changes.emit(undefined);
  }
}

/** What closed pages left of this person's recordings of a call, as far as it can be opened; not what another page still records.
 * Rejects when the server gives no key, or none can be opened. */
export async function leftOf(owner: string, followUp: string): Promise<RecordedCall[]> {
  const held = await heldTakes(); // before they are read: one that ends meanwhile is then whole
  const kept = (await keptTakes(ownerOf(owner))).filter((take) => take.about === followUp && !held.has(take.id));
  if (kept.length === 0) return [];
  const key = await keyFrom((await getDeviceKey(followUp)).key);
  const opened = await Promise.allSettled(kept.map((take) => openedWith(key, take)));
  const found = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const broken = opened.find((one) => one.status === "rejected");
  if (broken && found.length === 0) throw broken.reason;
  return found;
}

async function openedWith(key: CryptoKey, take: KeptTake): Promise<RecordedCall> {
  const slices = await restore(take, key);
  const seconds = (slices.at(-1)?.captured_ms ?? 0) / 1000;
  const file = fileOf(slices.map((slice) => slice.bytes), take.id);
  return { id: take.id, file, seconds, markers: take.markers ?? [] };
}

export const forgetCall = (id: string): Promise<void> => forget(id);

/** Apart from the takes of calls in a thread, which are sent in another way. */
const ownerOf = (person: string) => `${person}/follow-up`;

const fileOf = (parts: readonly Uint8Array<ArrayBuffer>[], id: string) => new File([...parts], `call-${id.slice(0, 8)}.webm`);

function silence(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

const round = (seconds: number) => Math.round(seconds * 100) / 100;
