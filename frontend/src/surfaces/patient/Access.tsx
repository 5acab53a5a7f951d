import { ScanEye } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { getLooksAtMe, type Look } from "@core/looks";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { Role } from "@core/protocol";
import { fullName } from "@ui/names";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { useUi } from "@ui/words";
import { useNav } from "./nav";
import { useT } from "./pages/words";

/** Who opened my record: who, why they could, when. */
export function Access() {
  const t = useT();
  const looks = useQuery({ queryKey: ["looks"], queryFn: getLooksAtMe });
  return (
    <PatientShell title={t("p.access.title")} back="/me" nav={useNav()}>
      <p>{t("p.access.what")}</p>
      <Fetched query={looks} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={ScanEye} title={t("p.access.empty")} />}>
        {(all) => (
          <ol className="stack" data-testid="p.access.list">
            {all.map((look, i) => (
              <LookRow key={`${look.at}-${i}`} look={look} />
            ))}
          </ol>
        )}
      </Fetched>
    </PatientShell>
  );
}

function LookRow({ look }: { look: Look }) {
  const t = useT();
  const ui = useUi();
  const locale = useLocale();
  const { person, role, action, reason, at } = look;
  const roleWords = role === "patient" ? t("p.access.family") : ui(`ui.role.${role as Role}`);
  const titled = person.title !== null && inLocale(person.title, locale) === roleWords; // said with the name already
  return (
    <li className="card" data-testid="p.access.row" data-role={role}>
      <p>
        <strong>{fullName(person, locale)}</strong> {!titled && <span className="secondary">{roleWords}</span>}
      </p>
      <p>{inLocale(action, locale)}</p>
      <p className="secondary">{t("p.access.reason", { reason: inLocale(reason, locale) })}</p>
      <p className="meta">
        <time dateTime={at}>{dateTime(parseTime(at), locale)}</time>
      </p>
    </li>
  );
}
