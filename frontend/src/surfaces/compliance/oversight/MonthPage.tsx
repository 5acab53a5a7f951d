import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { UserRoundPen } from "lucide-react";
import { codedFrom } from "@core/errors";
import { useSession } from "@ui/live";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Select } from "@ui/fields";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { isApprover } from "../api";
import { Facts } from "../Grants";
import { Page } from "../Page";
import { nameReviewer, REVIEWS, useMonth, type MonthDetail } from "./api";
import { HintList } from "./HintList";
import { MonthChip } from "./MonthChip";
import { Standing } from "./Reviews";
import { SignMonth } from "./SignMonth";
import { useOversight } from "./words";
import "./oversight.css";

export { words } from "./words";

/** One month: its hints with their reasons, what was said of each, and the signature of whoever answers for it. */
export default function MonthPage({ month }: { month: string }) {
  const t = useOversight();
  return (
    <Page title={t("or.month.title", { month })} skips={[["hints", t("or.skip")]]}>
      <Fetched query={useMonth(month)}>
        {(found) => (
          <>
            <Rules month={found} />
            <HintList month={found} />
            <SignMonth month={found} />
          </>
        )}
      </Fetched>
    </Page>
  );
}

function Rules({ month }: { month: MonthDetail }) {
  const t = useOversight();
  const approves = isApprover(useSession().roles) && month.state !== "signed";
  const { patients, exports, off_duty, opens, closes, days } = month.bounds;
  const listed = days.map((day) => t(`or.day.${day as 1 | 2 | 3 | 4 | 5 | 6 | 7}`)).join(t("or.day.comma"));
  return (
    <section id="standing" tabIndex={-1} className="card stack" aria-labelledby="rules-h" data-testid="or.standing" data-state={month.state}>
      <div className="row">
        <h2 id="rules-h">{t("or.rules")}</h2>
        <MonthChip state={month.state} />
      </div>
      <p>
        <Standing month={month} />
      </p>
      {month.note && <p className="own-words">{month.note}</p>}
      <Facts
        rows={[
          [t("or.bound.patients"), t("or.bound.patients.is", { count: patients })],
          [t("or.bound.exports"), t("or.bound.exports.is", { count: exports })],
          [t("or.bound.off_duty"), t("or.bound.off_duty.is", { count: off_duty, opens, closes, days: listed })],
          [t("or.bound.close"), t("or.bound.close.is")],
          [t("or.bound.glass"), t("or.bound.glass.is")],
          [t("or.acts"), t("or.acts.is", { count: month.acts })],
        ]}
      />
      {!month.whole && <p className="x-stale">{t("or.partial", { count: month.acts })}</p>}
      {approves && <Name month={month} />}
    </section>
  );
}

function Name({ month }: { month: MonthDetail }) {
  const t = useOversight();
  const locale = useLocale();
  const client = useQueryClient();
  const [chosen, setChosen] = useState(month.reviewer?.id ?? "");
  const naming = useMutation({
    mutationFn: () => nameReviewer(month.month, chosen),
    onSuccess: (next) => {
      client.setQueryData([...REVIEWS, month.month], next);
      void client.invalidateQueries({ queryKey: REVIEWS, exact: true });
      announce(t("or.named"));
    },
  });
  const options = month.candidates.map((one) => ({ value: one.id, label: fullName(one, locale) }));
  return (
    <div className="or-name">
      {naming.isError && <ErrorState error={codedFrom(naming.error)} />}
      <Select label={t("or.reviewer")} value={chosen} options={[...(chosen ? [] : [{ value: "", label: t("or.reviewer.nobody") }]), ...options]} onChange={setChosen} data-testid="or.reviewer" />
      <Button icon={UserRoundPen} pending={naming.isPending} aria-disabled={!chosen || chosen === month.reviewer?.id} onClick={() => chosen && chosen !== month.reviewer?.id && naming.mutate()} data-testid="or.name">
        {t("or.name")}
      </Button>
    </div>
  );
}
