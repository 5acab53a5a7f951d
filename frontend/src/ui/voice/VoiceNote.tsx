import { playTime } from "@core/format";
import { languageOf } from "../names";
import type { Voice } from "../talk/files";
import type { MediaProps } from "../talk/slots";

export interface VoiceNoteProps extends Omit<MediaProps, "attachments" | "voice"> {
  voice: Voice;
}

/** A voice note with its words. */
export default function VoiceNote({ voice, words }: VoiceNoteProps) {
  return (
    <div className="x-voice" data-testid="x.msg.voice">
      <span className="meta">{playTime(voice.duration_s)}</span>
      {words && (
        <p className="own-words" lang={languageOf(words.text)}>
          {words.text}
        </p>
      )}
    </div>
  );
}
