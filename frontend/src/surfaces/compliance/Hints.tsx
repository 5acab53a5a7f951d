import { TriangleAlert } from "lucide-react";
import { useNow } from "@ui/staff/useNow";
import { parseTime } from "@core/format";
import { daysOf } from "./access";
import type { Grant } from "./api";
import { useToDecide } from "./Page";
import { useT } from "./words";

const HISTORY_DAYS = 30;
const LONG_HOURS = 24;

/** What an approver would count for themselves: is it more than the purpose needs, and how often does this person ask? */
export function Hints({ grant }: { grant: Grant }) {
  const t = useT();
  const now = useNow(60_000);
  const asked = useToDecide().data ?? [];
  const recent = asked.filter((one) => one.requester.id === grant.requester.id && one.id !== grant.id && now - parseTime(one.requested_at) < HISTORY_DAYS * 86_400_000);
  const media = grant.content.includes("recordings") || grant.content.includes("transcripts");
  const hints = [
    t("c.hint.days", { days: daysOf(grant.case.opened_at, grant.case.closed_at, now), hours: grant.hours }),
    grant.hours > LONG_HOURS ? t("c.hint.long", { hours: grant.hours }) : "",
    media && grant.case.recordings === 0 ? t("c.hint.noRecordings") : "",
    grant.case_number ? "" : t("c.hint.noNumber"),
    t("c.hint.history", { days: HISTORY_DAYS, count: recent.length }),
  ].filter(Boolean);
  return (
    <div className="c-hints">
      <h3>
        <TriangleAlert size={16} aria-hidden /> {t("c.hint.title")}
      </h3>
      <ul>
        {hints.map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ul>
    </div>
  );
}
