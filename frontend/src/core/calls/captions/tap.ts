import { PIECE, Resampler, toPcm } from "./sound";

/** What the audio thread gives to a module of its own; the DOM library does not declare it. */
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, made: new () => AudioWorkletProcessor): void;

/** Runs beside the page: what a microphone hears, in pieces as the server takes them. */
class Tap extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate);
  private piece = new Int16Array(PIECE);
  private filled = 0;

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const [channel] = input ?? [];
    if (channel) for (const sample of this.resampler.take(channel)) this.add(toPcm(sample));
    return true;
  }

  private add(sample: number): void {
    this.piece[this.filled++] = sample;
    if (this.filled < PIECE) return;
    this.port.postMessage(this.piece, [this.piece.buffer]);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
  }
}

registerProcessor("tap", Tap);
