import { History } from "lucide-react";
import { Link } from "@ui/router";
import { inLocale } from "@core/i18n";
import { IntegrityDetail } from "@ui/IntegrityBadge";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import type { Grant, OpenedCase } from "./api";
import { EvidencePack } from "./EvidencePack";
import { zone } from "./timeline";
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
          <p className="secondary">{t("c.side.clock", { zone: zone() })}</p>
        </section>
      )}
      {opened && <People opened={opened} />}
      <p>
        <Link href={`/log?number=${grant.case.number}`} className="c-inline-link">
          <History size={16} aria-hidden /> {t("c.grant.readings")}
        </Link>
      </p>
    </aside>
  );
}

function People({ opened }: { opened: OpenedCase }) {
  const t = useT();
  const locale = useLocale();
  return (
    <section className="card" aria-labelledby="people-h">
      <h2 id="people-h">{t("c.side.people")}</h2>
      <ul className="c-people">
        {opened.people.map((person) => (
          <li key={person.id}>
            {fullName(person, locale)}
            <span className="secondary">{person.department ? inLocale(person.department, locale) : t(`c.role.${person.role === "patient" ? "patient" : "other"}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
