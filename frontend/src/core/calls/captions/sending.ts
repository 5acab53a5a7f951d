import { codedFrom } from "../../errors";
import type { Socket } from "../../socket";
import { Gate } from "./sound";

/** On their way at once, and waiting behind them: two seconds, then the oldest is left out. */
const AT_ONCE = 2;
const MAX_WAITING = 5;
/** After the server said that it makes none now. */
const PAUSE_MS = 10_000;

/** Sends one person's sound for captions, as fast as the network takes it and no faster. */
export class Sending {
  private readonly gate = new Gate();
  private readonly waiting: Int16Array[] = [];
  private onTheWay = 0;
  private pausedUntil = 0;

  /** `behind` is told when sound was left out, and when all of it goes again. */
  constructor(
    private readonly socket: Socket,
    private readonly call: string,
    private readonly behind: (behind: boolean) => void,
  ) {}

  take(piece: Int16Array): void {
    if (Date.now() < this.pausedUntil) return;
    this.waiting.push(...this.gate.take(piece));
    if (this.waiting.length > MAX_WAITING) {
      this.waiting.splice(0, this.waiting.length - MAX_WAITING);
      this.behind(true);
    }
    this.send();
  }

  private send(): void {
    while (this.onTheWay < AT_ONCE) {
      const piece = this.waiting.shift();
      if (!piece) return this.onTheWay === 0 ? this.behind(false) : undefined;
      this.onTheWay++;
      this.socket
        .request({ type: "captions.sound", call: this.call, pcm: base64(piece) })
        .catch((error: unknown) => this.refused(codedFrom(error).code))
        .finally(() => {
          this.onTheWay--;
          this.send();
        });
    }
  }

  private refused(code: string): void {
    this.waiting.length = 0;
    if (code === "captions.unavailable") this.pausedUntil = Date.now() + PAUSE_MS;
  }
}

const base64 = ({ buffer, byteOffset, byteLength }: Int16Array): string => btoa(String.fromCharCode(...new Uint8Array(buffer, byteOffset, byteLength)));
