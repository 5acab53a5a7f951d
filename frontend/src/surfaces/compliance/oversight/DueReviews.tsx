import { useSession } from "@ui/live";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { fullName } from "@ui/names";
import { useLocation } from "@ui/router";
import { useLocale } from "@ui/settings";
import { Section } from "../Worklist";
import { useT } from "../words";
import { useReviews } from "./api";

/** In the worklist: months of the access log that wait for me, and those that are overdue, whoever was named. */
export function DueReviews() {
  const t = useT();
  const locale = useLocale();
  const [, go] = useLocation();
  const { person } = useSession();
  const due = (useReviews().data ?? []).filter(({ state, reviewer }) => state === "overdue" || (state === "due" && (reviewer === null || reviewer.id === person.id)));
  if (due.length === 0) return null;
  return (
    <Section title={t("c.worklist.reviews")} id="reviews" count={due.length}>
      <ul className="c-grants">
        {due.map((month) => (
          <li key={month.month} className="c-grant" data-testid="c.worklist.review" data-state={month.state}>
            <div>
              <p>
                <strong>{t("c.worklist.review", { month: month.month })}</strong>
              </p>
              <p className="secondary">
                {month.reviewer ? t("c.worklist.review.by", { name: fullName(month.reviewer, locale), day: month.due_on }) : t("c.worklist.review.nobody", { day: month.due_on })}
              </p>
            </div>
            <div className="c-grant-side">
              {month.state === "overdue" && <Chip tone="danger">{t("c.worklist.review.overdue")}</Chip>}
              <Button size="small" onClick={() => go(`/log/reviews/${month.month}`)} data-testid="c.worklist.review.open">
                {t("c.worklist.review.open")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
