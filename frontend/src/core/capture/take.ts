import { backoff } from "../backoff";
import { codedFrom, RequestFailed } from "../errors";
import type { KeptTake } from "../db";
import { Emitter } from "../emitter";
import { forget, forgetUntil, keep, keyFrom, restore, type Slice } from "./spool";
import type { Piece, Tus } from "./tus";

/** sending: as it should be. waiting: no network, or no server; it is kept. unkept: the disk of this device is full, or has no room for us:
 * what is not sent is lost with the page. done: the server has all that it wants. */
export type TakeState = "sending" | "waiting" | "unkept" | "done";

const MOST_BYTES = 256 * 1024;
/** The server wants no more of it, ever. */
const FINAL = new Set(["track.withdrawn", "track.closed", "track.too_large", "track.too_long", "not_found"]);

/** One recording on its way from this device to the server: what is not sent is in memory, and sealed on the disk. */
export class Take {
  state: TakeState = "sending";
  /** The server has all of it, to its end. */
  whole = false;
  private readonly waiting: Slice[] = [];
  private readonly changes = new Emitter<undefined>();
  private sentMs = 0;
  private ended = false;
  private interrupted = false;
  private wake: (() => void) | null = null;
  private running = false;

  private constructor(
    readonly row: KeptTake,
    private readonly key: CryptoKey,
    private readonly tus: Tus,
    private offset: number,
  ) {}

  /** A take that begins now. Rejects with RequestFailed when the server takes none. */
  static async begin(row: Omit<KeptTake, "url" | "size" | "captured_ms">, address: string, metadata: Record<string, string>, tus: Tus): Promise<Take> {
    const { url, key, offset } = await tus.create(address, { client_id: row.id, ...metadata });
    return new Take({ ...row, url, size: 0, captured_ms: 0 }, await keyFrom(key), tus, offset);
  }

  /** One that a closed page left behind; null when the server wants no more of it. Rejects with RequestFailed. */
  static async resume(row: KeptTake, tus: Tus): Promise<Take | null> {
    try {
      const { key, offset } = await tus.again(row.url);
      const take = new Take(row, await keyFrom(key), tus, offset);
      const kept = await restore(row, take.key);
      take.waiting.push(...kept);
      const last = kept.at(-1);
      // What was said of the size last may be of a slice that never reached the disk.
      take.row.size = Math.max(offset, last ? last.offset + last.bytes.length : 0);
      take.sentMs = kept[0] ? kept[0].captured_ms : row.captured_ms;
      take.interrupted = true;
      take.end();
      return take;
    } catch (error) {
      if (!FINAL.has(codedFrom(error).code)) throw error;
      await forget(row.id);
      return null;
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  /** Seconds that are not sent. */
  get unsent(): number {
    return this.state === "done" ? 0 : Math.max(0, this.row.captured_ms - this.sentMs) / 1000;
  }

  /** The next bytes of the file; they end at `captured_ms` of its time. */
  async add(bytes: Uint8Array<ArrayBuffer>, captured_ms: number): Promise<void> {
    if (this.state === "done" || bytes.length === 0) return;
    const slice = { offset: this.row.size, bytes, captured_ms };
    this.row.size += bytes.length;
    this.row.captured_ms = captured_ms;
    this.waiting.push(slice);
    this.stir();
    try {
      await keep({ ...this.row }, this.key, slice);
      if (this.isDone()) await forget(this.row.id);
    } catch {
      if (!this.isDone()) this.become("unkept");
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.ended = true;
    this.stir();
  }

  /** It must not exist: its recording was withdrawn. */
  async drop(): Promise<void> {
    this.waiting.length = 0;
    this.become("done");
    this.stir();
    await forget(this.row.id);
  }

  /** Sends until the server has everything, and waits for what is still to come. Never rejects; `signal` ends it, and what is kept stays. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.running) return;
    this.running = true;
    signal.addEventListener("abort", () => this.stir());
    let failures = 0;
    while (!signal.aborted && !this.isDone()) {
      const piece = this.next();
      if (!piece) {
        await this.stirred();
        continue;
      }
      try {
        await this.send(piece);
        failures = 0;
      } catch (error) {
        await this.failed(error, failures++, signal);
      }
    }
    this.running = false;
  }

  private isDone(): boolean {
    return this.state === "done";
  }

  /** What comes next after the server's offset; null while there is nothing to say. */
  private next(): Piece | null {
    const bytes: Uint8Array[] = [];
    let size = 0;
    let captured_ms = this.sentMs;
    for (const slice of this.waiting) {
      const fresh = slice.bytes.subarray(Math.max(0, this.offset - slice.offset));
      if (fresh.length === 0) continue;
      if (size > 0 && size + fresh.length > MOST_BYTES) break;
      bytes.push(fresh.subarray(0, MOST_BYTES));
      size += Math.min(fresh.length, MOST_BYTES);
      captured_ms = slice.captured_ms;
    }
    const last = this.ended && this.offset + size === this.row.size;
    if (size === 0 && !last) return null;
    return { offset: this.offset, bytes: joined(bytes, size), captured_ms: last ? this.row.captured_ms : captured_ms, length: last ? this.row.size : undefined, interrupted: last && this.interrupted };
  }

  private async send(piece: Piece): Promise<void> {
    this.offset = await this.tus.send(this.row.url, piece);
    this.sentMs = piece.captured_ms;
    while (this.waiting[0] && this.waiting[0].offset + this.waiting[0].bytes.length <= this.offset) this.waiting.shift();
    this.whole = piece.length !== undefined && this.offset === piece.length;
    if (this.whole) return this.finish();
    this.become(this.state === "unkept" ? "unkept" : "sending");
    await forgetUntil(this.row.id, this.offset).catch(() => undefined);
  }

  private async failed(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { code } = codedFrom(error);
    if (FINAL.has(code)) return this.finish();
    if (code === "track.over") return this.cut();
    if (code === "track.offset" || code === "track.checksum") {
      const found = await this.tus.again(this.row.url).catch(() => null);
      if (found) this.offset = found.offset;
      if (found && failures === 0) return;
    }
    if (this.state !== "unkept") this.become("waiting");
    if (error instanceof RequestFailed && error.status === 401) return this.signedOut(signal);
    await pause(backoff(failures, { first: 500, most: 15_000 }), signal);
  }

  /** The recording was stopped before this was said: it is no part of it. */
  private cut(): void {
    this.waiting.length = 0;
    this.row.size = this.offset;
    this.row.captured_ms = this.sentMs;
    this.end();
  }

  /** Nobody can send it now; it is kept for when they are back. */
  private signedOut(signal: AbortSignal): Promise<void> {
    return pause(60_000, signal);
  }

  private async finish(): Promise<void> {
    this.waiting.length = 0;
    this.become("done");
    await forget(this.row.id).catch(() => undefined);
  }

  /** Done is for ever: an answer may come after it was dropped. */
  private become(state: TakeState): void {
    if (this.isDone()) return;
    this.state = state;
    this.changes.emit(undefined);
  }

  private stir(): void {
    this.wake?.();
    this.changes.emit(undefined);
  }

  private stirred(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Shorter when the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    window.addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}
