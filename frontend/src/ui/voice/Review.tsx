import { useCallback, useState } from "react";
import { Mic, SendHorizontal, Trash2 } from "lucide-react";
import { playTime, spokenLength } from "@core/format";
import { Button } from "../Button";
import { useLocale } from "../settings";
import { soundOf, type Clip } from "./clips";
import { PlayButton } from "./PlayButton";
import { usePlayer, type Playback } from "./usePlayer";
import type { RowActs } from "./VoiceRow";
import { useFocus } from "./useFocus";
import { Waveform } from "./Waveform";
import { useVoiceWords } from "./words";

/** A recording that is not sent yet: listen, record again, delete, send. */
export function Review({ clip, testid, elder, failedBefore = false, onSend, onRemove, onAgain, onClose }: RowActs & { clip: Clip; failedBefore?: boolean }) {
  const t = useVoiceWords();
  const locale = useLocale();
  const player = usePlayer(clip.duration_s);
  const row = useFocus<HTMLDivElement>();
  const [failed, setFailed] = useState(failedBefore);
  const [sending, setSending] = useState(false);
  const { playback, playing, time } = player;
  const attach = useClip(clip, playback.attach);
  const send = async () => {
    setSending(true);
    try {
      await onSend(clip);
      onClose();
    } catch {
      setFailed(true); // The browser refused to store it: the recording stays here.
      setSending(false);
    }
  };
  const remove = () => [void onRemove(clip), onClose()];
  return (
    <div ref={row} className="x-voice-recorder" data-testid={`${testid}.voice.review`}>
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- one's own words, said a moment ago */}
      <audio ref={attach} />
      <div className="x-voice-row">
        <PlayButton playing={playing} length={spokenLength(clip.duration_s, locale)} onClick={() => playback.toggle()} />
        <Waveform peaks={clip.peaks} player={player} onSeek={playback.seek} />
        <span className="x-voice-time tabular" aria-hidden="true">
          {playTime(playing || time > 0 ? time : clip.duration_s)}
        </span>
      </div>
      {failed && (
        <p role="alert" className="x-voice-problem">
          {t("vn.notStored")}
        </p>
      )}
      <div className="row">
        {elder ? (
          <Button icon={Mic} onClick={onAgain} data-testid={`${testid}.voice.again`}>
            {t("vn.again")}
          </Button>
        ) : (
          <Button icon={Trash2} onClick={remove} data-testid={`${testid}.voice.delete`}>
            {t("vn.delete")}
          </Button>
        )}
        {!elder && (
          <Button variant="quiet" onClick={onClose} data-testid={`${testid}.voice.later`}>
            {t("vn.later")}
          </Button>
        )}
        <Button variant="primary" icon={SendHorizontal} pending={sending} onClick={() => void send()} data-first data-testid={`${testid}.voice.send`}>
          {t("vn.send")}
        </Button>
      </div>
    </div>
  );
}

/** The element's `ref`: it plays the clip for as long as it is there. */
function useClip(clip: Clip, attach: Playback["attach"]) {
  return useCallback(
    (audio: HTMLAudioElement | null) => {
      if (!audio) return undefined;
      const detach = attach(audio);
      let url = "";
      let there = true;
      void soundOf(clip).then((sound) => {
        if (there) audio.src = url = URL.createObjectURL(sound);
      });
      return () => {
        there = false;
        detach();
        URL.revokeObjectURL(url);
      };
    },
    [clip, attach],
  );
}
