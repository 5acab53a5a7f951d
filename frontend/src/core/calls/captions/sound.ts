/** What the server captions: mono, 16-bit, so many samples a second, in pieces of 0.4 s. */
export const RATE = 16_000;
export const PIECE = 6_400;

/** Half the length of the filter, in samples of the microphone; how finely a sample's place between two of them is told. */
const HALF = 24;
const PHASES = 32;
const CUTOFF = 7_000;

/** Samples of a microphone at another rate, through a low-pass (windowed sinc), so that nothing folds down into speech. */
export class Resampler {
  private held = new Float32Array(0);
  /** Where the next sample stands in `held`. */
  private at = HALF;
  private readonly filters = new Map<number, Float32Array>();

  constructor(private readonly rate: number) {}

  /** What can be told of the sound so far: -1..1, RATE a second. */
  take(input: Float32Array): number[] {
    const joined = new Float32Array(this.held.length + input.length);
    joined.set(this.held);
    joined.set(input, this.held.length);
    const made: number[] = [];
    for (; this.at + HALF + 1 < joined.length; this.at += this.rate / RATE) made.push(this.sample(joined));
    const first = Math.max(0, Math.floor(this.at) - HALF);
    this.held = joined.slice(first);
    this.at -= first;
    return made;
  }

  private sample(joined: Float32Array): number {
    const whole = Math.floor(this.at);
    const filter = this.filter(Math.floor((this.at - whole) * PHASES));
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) sum += (filter[tap] ?? 0) * (joined[whole - HALF + 1 + tap] ?? 0);
    return sum;
  }

  private filter(phase: number): Float32Array {
    const known = this.filters.get(phase);
    if (known) return known;
    const made = Float32Array.from({ length: 2 * HALF }, (_, tap) => this.weight(tap - HALF + 1 - phase / PHASES));
    const sum = made.reduce((whole, one) => whole + one, 0);
    this.filters.set(phase, made.map((one) => one / sum));
    return this.filter(phase);
  }

  private weight(place: number): number {
    const x = 2 * Math.PI * (CUTOFF / this.rate) * place;
    return (x === 0 ? 1 : Math.sin(x) / x) * (0.5 + 0.5 * Math.cos((Math.PI * place) / HALF));
  }
}

/** Peaks below it are no speech, -46 dB. */
const QUIET = 0.005 * 32_768;
/** So many quiet pieces after speech are sent: a pause ends a line. */
const AFTER = 3;

/** Lets through speech, what is just before it, and the pause after it: nobody's silence goes over the network. */
export class Gate {
  private before: Int16Array | null = null;
  private quiet = AFTER;

  take(piece: Int16Array): Int16Array[] {
    const loud = piece.some((sample) => Math.abs(sample) > QUIET);
    const first = this.before;
    this.before = null;
    this.quiet = loud ? 0 : this.quiet + 1;
    if (loud && first) return [first, piece];
    if (this.quiet <= AFTER) return [piece];
    this.before = piece;
    return [];
  }
}

export const toPcm = (sample: number): number => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
