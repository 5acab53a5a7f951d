/** Two notes, made here: nothing to download, nothing to license. A page that nobody has touched yet may not sound; it rings without. */
const NOTES = { in: [659, 784], out: [440, 440] } as const;
const NOTE_S = 0.35;
const LOUD = { in: 0.18, out: 0.05 } as const;
const PAUSE_MS = 3_000;

/** Rings until the returned function is called. `in`: somebody calls here; `out`: it rings at the other end. */
export function startRinging(which: "in" | "out"): () => void {
  const context = new AudioContext();
  const ring = () => {
    if (context.state === "running") NOTES[which].forEach((pitch, place) => note(context, pitch, context.currentTime + place * NOTE_S, LOUD[which]));
    if (which === "in") vibrate([300, 150, 300]);
  };
  void context.resume().then(ring).catch(() => undefined);
  const timer = setInterval(ring, PAUSE_MS);
  return () => {
    clearInterval(timer);
    if (which === "in") vibrate(0);
    void context.close().catch(() => undefined);
  };
}

/** Felt where phones can be felt, once somebody has touched the page: before that browsers complain. */
function vibrate(pattern: number | number[]): void {
  const { userActivation } = navigator as { userActivation?: UserActivation };
  if ("vibrate" in navigator && userActivation?.hasBeenActive) navigator.vibrate(pattern);
}

/** One short sound, to hear whether the loudspeaker works. */
export async function playTest(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  NOTES.in.forEach((pitch, place) => note(context, pitch, context.currentTime + place * NOTE_S, LOUD.in));
  setTimeout(() => void context.close().catch(() => undefined), 2 * NOTE_S * 1000 + 500);
}

function note(context: AudioContext, pitch: number, at: number, loud: number): void {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_S);
}
