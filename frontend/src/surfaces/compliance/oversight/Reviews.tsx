import { CalendarCheck2 } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { fullName } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { Page } from "../Page";
import { useReviews, type Month } from "./api";
import { MonthChip } from "./MonthChip";
import { useOversight } from "./words";

export { words } from "./words";

/** C-10: every month of the access log, and who looked through it. */
export default function Reviews() {
  const t = useOversight();
  return (
    <Page title={t("or.title")}>
      <p className="secondary">{t("or.what")}</p>
      <Fetched query={useReviews()} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={CalendarCheck2} title={t("or.none")} />}>
        {(all) => (
          <ul className="c-grants">
            {all.map((one) => (
              <Row key={one.month} month={one} />
            ))}
          </ul>
        )}
      </Fetched>
    </Page>
  );
}

function Row({ month }: { month: Month }) {
  const t = useOversight();
  return (
    <li className="c-grant" data-testid="or.row" data-state={month.state}>
      <div className="c-grant-main">
        <p>
          <Link href={`/log/reviews/${month.month}`} className="c-grant-link">
            {t("or.month", { month: month.month })}
          </Link>
        </p>
        <p className="secondary">
          <Standing month={month} />
        </p>
      </div>
      <MonthChip state={month.state} />
    </li>
  );
}

/** Who answers for a month, and until when; once it is signed, who signed it. */
export function Standing({ month }: { month: Month }) {
  const t = useOversight();
  const locale = useLocale();
  if (month.signed_by && month.signed_at) return <>{t("or.signed.by", { name: fullName(month.signed_by, locale), time: dateTime(parseTime(month.signed_at), locale) })}</>;
  const due = t("or.due", { day: month.due_on });
  return <>{month.reviewer ? `${t("or.reviewer.is", { name: fullName(month.reviewer, locale) })} · ${due}` : due}</>;
}
