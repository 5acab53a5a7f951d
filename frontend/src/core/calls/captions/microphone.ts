import tapUrl from "./tap?worker&url";

/** Hears a microphone that belongs to somebody else, piece by piece, and leaves it alone. Returns what stops it at once. `failed`: this
 * browser cannot. */
export function listen(track: MediaStreamTrack, heard: (piece: Int16Array) => void, failed: () => void): () => void {
  let over = false;
  const context = new AudioContext();
  const begin = async () => {
    await context.audioWorklet.addModule(tapUrl);
    if (over) return;
    const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
    tap.port.onmessage = ({ data }: MessageEvent<Int16Array>) => over || heard(data);
    context.createMediaStreamSource(new MediaStream([track])).connect(tap);
    await context.resume();
  };
  begin().catch(() => over || failed());
  return () => {
    over = true;
    void context.close().catch(() => undefined);
  };
}
