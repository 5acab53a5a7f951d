import { useQuery } from "@tanstack/react-query";
import { Button } from "@ui/Button";
import { useLocation } from "@ui/router";
import { Section } from "../Worklist";
import { useT } from "../words";
import { listHolds } from "./api";

/** In the worklist: holds that somebody should look at again. Nothing where none is due. */
export function DueHolds() {
  const t = useT();
  const [, go] = useLocation();
  const query = useQuery({ queryKey: ["keep", "holds"], queryFn: listHolds });
  const due = (query.data ?? []).filter((hold) => hold.review_due);
  if (due.length === 0) return null;
  return (
    <Section title={t("c.worklist.holds")} id="holds" count={due.length}>
      <ul className="c-grants">
        {due.map((hold) => (
          <li key={hold.id} className="c-grant" data-testid="c.worklist.hold">
            <div>
              <p>
                <strong>{hold.number ? t("c.keep.hold.case", { number: hold.number }) : t("c.keep.hold.patient")}</strong> {hold.patient}
              </p>
              <p className="secondary">{t("c.keep.hold.review.due", { day: hold.review_on ?? "" })}</p>
            </div>
            <div className="c-grant-side">
              <Button size="small" onClick={() => go("/retention")}>
                {t("c.keep.hold.review")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
