import { Shuffle } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { isOfficer } from "../api";
import { Page } from "../Page";
import { useSamples, type SampleBrief } from "./api";
import { PlanForm } from "./PlanForm";
import { SampleChip } from "./SampleChip";
import { useSampling } from "./words";
import "./sampling.css";

export { words } from "./words";

/** C-11: samples of closed cases, each drawn so that somebody else can draw it again. */
export default function Samples() {
  const t = useSampling();
  const query = useSamples();
  return (
    <Page title={t("qs.title")}>
      <p className="secondary">{t("qs.what")}</p>
      {isOfficer(useSession().roles) && <PlanForm />}
      <section className="c-section" aria-labelledby="samples-h">
        <h2 id="samples-h">{t("qs.list")}</h2>
        <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={Shuffle} title={t("qs.none")} />}>
          {(all) => (
            <ul className="c-grants">
              {all.map((one) => (
                <Row key={one.id} sample={one} />
              ))}
            </ul>
          )}
        </Fetched>
      </section>
    </Page>
  );
}

function Row({ sample }: { sample: SampleBrief }) {
  const t = useSampling();
  const locale = useLocale();
  const where = sample.department ? inLocale(sample.department, locale) : t("qs.department.all");
  return (
    <li className="c-grant" data-testid="qs.row" data-state={sample.state}>
      <div className="c-grant-main">
        <p>
          <Link href={`/samples/${sample.id}`} className="c-grant-link">
            {t("qs.row", { size: sample.size, where, since: sample.since, until: sample.until })}
          </Link>
        </p>
        <p className="secondary">
          {fullName(sample.made_by, locale)} · {dateTime(parseTime(sample.made_at), locale)} · {t("qs.progress", { reviewed: sample.reviewed, size: sample.size })} ·{" "}
          {t("qs.findings.count", { count: sample.findings })}
        </p>
      </div>
      <SampleChip state={sample.state} />
    </li>
  );
}
