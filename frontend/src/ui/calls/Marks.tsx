import { BookmarkPlus } from "lucide-react";
import type { CallState } from "@core/calls/current";
import { playTime } from "@core/format";
import { Button } from "../Button";
import { announce } from "../announce";
import { useKeys } from "../staff/keys";
import { useMarks, writeMarks } from "./marks";
import { useCallWords } from "./words";

/** D-5's note pad: moments of the call, each with a few words, to take along when it is over. Nobody else sees it. */
export function Marks({ call }: { call: CallState }) {
  const t = useCallWords();
  const { marks } = useMarks(call.call);
  const { call: id, at } = call;
  const mark = () => {
    if (id === null || at === null) return;
    writeMarks(id, [...marks, { at: (Date.now() - at) / 1000, note: "" }]);
    announce(t("ca.marks.done"));
  };
  useKeys({ "Alt+KeyM": mark });
  const write = (place: number, note: string) => id !== null && writeMarks(id, marks.map((one, index) => (index === place ? { ...one, note } : one)));
  return (
    <div className="k-marks">
      <Button size="small" icon={BookmarkPlus} onClick={mark} aria-keyshortcuts="Alt+M" data-testid="k.mark">
        {t("ca.marks.add")}
      </Button>
      {marks.length > 0 && (
        <ul>
          {marks.map((one, place) => (
            <li key={one.at}>
              <label>
                <span className="tabular">{playTime(one.at)}</span>
                <input className="x-input" value={one.note} placeholder={t("ca.marks.note")} onChange={(event) => write(place, event.target.value)} data-testid="k.mark.note" />
              </label>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
