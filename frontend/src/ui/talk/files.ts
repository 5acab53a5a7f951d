import type { OutboxFile } from "@core/db";
import type { Schemas } from "@core/protocol";

/** A file that goes with the next message: the outbox uploads it before the message is sent. */
export type ChosenFile = OutboxFile;

/** A picture or a document of a message, as the server describes it. Sizes in bytes and pixels. */
export type Attachment = Schemas["Attachment"];

/** A voice note; `peaks` are its loudness over time, 0 to 100. */
export type Voice = Schemas["Voice"];

/** The words of a voice note. `low`: [start, end) of doubtful words, in characters. */
export type VoiceWords = Schemas["Transcribed"];
