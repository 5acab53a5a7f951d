/** A file that goes with the next message: the outbox uploads it before the message is sent. */
export interface ChosenFile {
  field: "attachments" | "voice";
  blob: Blob;
  name: string;
  /** What its endpoint wants beside the file: `duration_s` and `peaks` of a voice note. */
  meta: Record<string, unknown>;
}

/** A picture or a document of a message, as the server describes it. Sizes in bytes and pixels. */
export interface Attachment {
  id: string;
  kind: "image" | "pdf";
  name: string;
  media_type: string;
  size: number;
  width?: number | null;
  height?: number | null;
  pages?: number | null;
}

/** A voice note; `peaks` are its loudness over time, 0 to 100. */
export interface Voice {
  id: string;
  duration_s: number;
  peaks: readonly number[];
}

/** The words of a voice note. `low`: [start, end) of doubtful words, in characters. */
export interface VoiceWords {
  version: number;
  text: string;
  machine: boolean;
  low: readonly (readonly [number, number])[];
}
