import { History } from "lucide-react";
import { Link } from "@ui/router";
import { parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { IntegrityDetail } from "@ui/IntegrityBadge";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { AnnotationList } from "./Annotate";
import type { Grant, OpenedCase, Vouched } from "./api";
import { EvidencePack } from "./EvidencePack";
import { exactTime, zone } from "./timeline";
import { useT } from "./words";

/** Beside the case: the pack, what was checked, who appears, and who else has read. */
export function CaseSide({ grant, opened }: { grant: Grant; opened: OpenedCase | undefined }) {
  const t = useT();
  return (
    <aside className="c-side" aria-label={t("c.side.label")} data-region tabIndex={-1}>
      {!grant.urgent && <EvidencePack grant={grant} />}
      {opened && (
        <section className="card" aria-labelledby="integrity-h" data-testid="c.viewer.integrity" data-integrity={opened.integrity.state}>
          <h2 id="integrity-h">{t("c.case.integrity")}</h2>
          <IntegrityDetail detail={opened.integrity} />
          <VouchedFor vouched={opened.vouched} />
          <p className="secondary">{t("c.side.clock", { zone: zone() })}</p>
        </section>
      )}
      {opened && <AnnotationList opened={opened} />}
      {opened && <People opened={opened} />}
      <p>
        <Link href={`/log?number=${grant.case.number}`} className="c-inline-link">
          <History size={16} aria-hidden /> {t("c.grant.readings")}
        </Link>
      </p>
    </aside>
  );
}

/** Which tree holds the whole case, and who outside this hospital has vouched for it; what is not there is said too. */
function VouchedFor({ vouched: { checkpoint, witnesses, time_stamp } }: { vouched: Vouched }) {
  const t = useT();
  const values = ({ name, size, at }: Vouched["witnesses"][number]) => ({ name, size: size ?? 0, time: at === null ? "" : exactTime(parseTime(at)) });
  return (
    <>
      <h3>{t("c.vouched.title")}</h3>
      <ul className="c-vouched" data-testid="c.viewer.vouched">
        <li>{checkpoint ? t("c.vouched.checkpoint", values(checkpoint)) : t("c.vouched.waiting")}</li>
        {witnesses.map((one) => (
          <li key={one.name} data-testid="c.viewer.witness">
            {t(one.size === null ? "c.vouched.silent" : "c.vouched.witness", values(one))}
          </li>
        ))}
        {witnesses.length === 0 && <li>{t("c.vouched.nobody")}</li>}
        <li>{time_stamp ? t(time_stamp.size === null ? "c.vouched.noStamp" : "c.vouched.stamp", values(time_stamp)) : t("c.vouched.noAuthority")}</li>
      </ul>
    </>
  );
}

function People({ opened }: { opened: OpenedCase }) {
  const t = useT();
  const locale = useLocale();
  // A relative is a patient of the hospital, but not in this case.
  const standing = ({ department, role, title }: OpenedCase["people"][number]) => {
    if (department) return inLocale(department, locale);
    if (role !== "patient") return t("c.role.other");
    return title ? null : t("c.role.patient");
  };
  return (
    <section className="card" aria-labelledby="people-h">
      <h2 id="people-h">{t("c.side.people")}</h2>
      <ul className="c-people">
        {opened.people.map((person) => (
          <li key={person.id}>
            {fullName(person, locale)}
            <span className="secondary">{standing(person)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
