/** What browsers can record and the server takes, the best first. Safari records only MP4. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"];
export const BITS_PER_SECOND = 32_000;
export const SLICE_MS = 1_000;

/** What this browser records, or null. */
export const recordable = (): string | null =>
  typeof MediaRecorder === "undefined" ? null : (TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? null);

const NO_MICROPHONE: Record<string, "denied" | "missing"> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "missing",
};

/** Why there is no microphone to record from. */
export const noMicrophone = (error: unknown): "denied" | "missing" | "failed" => (error instanceof DOMException && NO_MICROPHONE[error.name]) || "failed";

export interface Sink {
  /** Recording began: `performance.now()` of its first sample. */
  began: (at: number) => void;
  /** The next bytes of the file, to `captured_ms` after its first sample. */
  slice: (bytes: Uint8Array<ArrayBuffer>, captured_ms: number) => void;
  /** Nothing more comes: it was stopped, or the microphone is gone. */
  ended: () => void;
}

/** Records the sound of a stream that belongs to somebody else, slice by slice, and leaves the stream alone. Returns what stops it. */
export function record(stream: MediaStream, type: string, sink: Sink): () => void {
  const media = new MediaRecorder(new MediaStream(stream.getAudioTracks()), { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
  let began = 0;
  // Reading a blob takes a moment: the order is that of the recorder, and the end comes last.
  let order = Promise.resolve();
  media.onstart = () => {
    began = performance.now();
    sink.began(began);
  };
  media.ondataavailable = ({ data }) => {
    const captured = performance.now() - began;
    if (data.size > 0) order = order.then(async () => sink.slice(new Uint8Array(await data.arrayBuffer()), captured));
  };
  media.onstop = () => void order.then(sink.ended);
  media.start(SLICE_MS);
  return () => {
    if (media.state !== "inactive") media.stop();
  };
}
