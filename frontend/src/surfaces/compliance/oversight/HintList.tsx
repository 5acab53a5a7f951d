import { useState, type ComponentType } from "react";
import { useQuery } from "@tanstack/react-query";
import { Download, Heart, MessageSquareText, MoonStar, Siren, UserRound, UsersRound } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { Fetched } from "@ui/states";
import { isApprover, isOfficer } from "../api";
import { LogList } from "../log/LogList";
import { actsOf, ONCE, REVIEWS, type Hint, type MonthDetail } from "./api";
import { SettleDialog } from "./SettleDialog";
import { useOversight } from "./words";
import "../log/log.css";

const ICON: Record<Hint["rule"], ComponentType<{ size?: number; "aria-hidden"?: boolean }>> = {
  glass: Siren,
  own: UserRound,
  family: Heart,
  colleague: UsersRound,
  patients: UsersRound,
  exports: Download,
  off_duty: MoonStar,
};

/** Every hint with its reason. It says what was counted, and never that it was wrong. */
export function HintList({ month }: { month: MonthDetail }) {
  const t = useOversight();
  return (
    <section id="hints" tabIndex={-1} data-region className="c-section" aria-labelledby="hints-h">
      <h2 id="hints-h">{t("or.hints", { count: month.found })}</h2>
      <p className="secondary">{t("or.hints.what")}</p>
      {month.open_glass > 0 && <p className="x-stale">{t("or.open_glass", { count: month.open_glass })}</p>}
      {month.found > month.hints.length && <p className="x-stale">{t("or.hints.first", { shown: month.hints.length, found: month.found })}</p>}
      {month.found === 0 ? (
        <p data-testid="or.none">{t("or.hints.none")}</p>
      ) : (
        <ul className="c-grants">
          {month.hints.map((hint) => (
            <Row key={hint.key} month={month} hint={hint} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ month, hint }: { month: MonthDetail; hint: Hint }) {
  const t = useOversight();
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const [settling, setSettling] = useState(false);
  const { roles } = useSession();
  const Icon = ICON[hint.rule];
  const mine = (isOfficer(roles) || isApprover(roles)) && !hint.settled && !hint.own && !hint.waits && month.state !== "signed";
  const time = { from: dateTime(parseTime(hint.since), locale), until: dateTime(parseTime(hint.until), locale) };
  return (
    <li className="or-hint" data-testid="or.hint" data-rule={hint.rule} data-settled={hint.settled !== null}>
      <div className="c-grant-main">
        <p>
          <Icon size={16} aria-hidden /> <strong>{t(`or.rule.${hint.rule}`)}</strong> · {fullName(hint.person, locale)}
        </p>
        <p>{t(`or.why.${hint.rule}`, { count: hint.counted, patient: hint.patient ?? "" })}</p>
        <p className="secondary">{hint.since === hint.until ? time.from : t("or.between", time)}</p>
        {hint.settled && (
          <p data-testid="or.settled">
            {t(`or.settled.${hint.settled.outcome}`, { name: fullName(hint.settled.by, locale), time: dateTime(parseTime(hint.settled.at), locale) })} <span className="own-words">{hint.settled.note}</span>
          </p>
        )}
      </div>
      <div className="c-grant-side">
        {!hint.settled && <Chip tone="warn">{t(hint.waits ? "or.waits" : hint.own ? "or.own" : "or.open")}</Chip>}
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="or.acts">
          {t(open ? "or.acts.hide" : "or.acts.show")}
        </Button>
        {mine && (
          <Button size="small" variant="primary" icon={MessageSquareText} onClick={() => setSettling(true)} data-testid="or.settle">
            {t("or.settle")}
          </Button>
        )}
      </div>
      {open && <Acts month={month.month} hint={hint} />}
      {settling && <SettleDialog month={month.month} hint={hint} onClose={() => setSettling(false)} />}
    </li>
  );
}

function Acts({ month, hint }: { month: string; hint: Hint }) {
  const t = useOversight();
  const query = useQuery({ queryKey: [...REVIEWS, month, hint.key, hint.until], queryFn: () => actsOf(month, hint.key), ...ONCE });
  return (
    <div className="or-acts">
      <Fetched query={query}>
        {({ entries, total }) => (
          <>
            {total > entries.length && <p className="x-stale">{t("or.acts.last", { shown: entries.length, total })}</p>}
            <LogList entries={entries} />
          </>
        )}
      </Fetched>
    </div>
  );
}
