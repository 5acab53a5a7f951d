import { Suspense, type ReactNode } from "react";
import { later } from "../later";
import type { Reader } from "../StatusWords";
import type { Attachment, ChosenFile, Voice, VoiceWords } from "./files";

/** Where pictures, documents and voice notes plug into the conversation. Everything behind these comes only when it is used. */
const AttachmentList = later(() => import("../attachments/AttachmentList"));
const AttachTools = later(() => import("../attachments/AttachTools"));
const Chosen = later(() => import("../attachments/Chosen"));
const VoiceNote = later(() => import("../voice/VoiceNote"));
const VoiceButton = later(() => import("../voice/VoiceButton"));

export interface MediaProps {
  thread: string;
  /** The message's place in the thread; null while it is on its way. */
  seq: number | null;
  own: boolean;
  reader: Reader;
  attachments?: readonly Attachment[] | undefined;
  voice?: Voice | undefined;
  words?: VoiceWords | undefined;
}

/** What a message carries beside its text. The room is kept before the code is there: nothing below moves (G-R4). */
export function Media({ attachments, voice, ...message }: MediaProps) {
  if (!attachments?.length && !voice) return null;
  return (
    <Suspense fallback={<div className="x-media" style={{ minHeight: voice ? 48 : 96 }} />}>
      <div className="x-media">
        {attachments && attachments.length > 0 && <AttachmentList {...message} attachments={attachments} />}
        {voice && <VoiceNote {...message} voice={voice} />}
      </div>
    </Suspense>
  );
}

/** What the tools of a composer are given. */
export interface ToolProps {
  thread: string;
  reader: Reader;
  /** "p.chat" or "d.conv": the prefix of the test hooks. */
  testid: string;
  /** What goes with the next message so far. */
  files: readonly ChosenFile[];
  onFiles: (files: readonly ChosenFile[]) => void;
  /** Sends a finished voice note as a message of its own; resolves when it is safe in the outbox. */
  onVoice: (note: ChosenFile) => Promise<void>;
  /** Takes the place of the whole row while something runs; null gives the row back. */
  onInstead: (row: ReactNode) => void;
}

export interface ComposerTools {
  /** Before the box: speak. */
  before: ReactNode;
  /** After the box: pictures and files. */
  tools: ReactNode;
  /** Over the box: what was chosen, each with a way to take it out. */
  above: ReactNode;
}

/** The tools of a composer, in the order in which they stand. */
export const composerTools: (props: ToolProps) => ComposerTools = (props) => ({
  before: (
    <Suspense fallback={<span className="x-tool-room" />}>
      <VoiceButton {...props} />
    </Suspense>
  ),
  tools: (
    <Suspense fallback={<span className="x-tool-room" />}>
      <AttachTools {...props} />
    </Suspense>
  ),
  above: props.files.length > 0 && (
    <Suspense fallback={null}>
      <Chosen {...props} />
    </Suspense>
  ),
});
