import { useQuery } from "@tanstack/react-query";
import { Download, ShieldCheck, ShieldX } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip } from "@ui/Chip";
import { fullName } from "@ui/names";
import { FreshLink } from "@ui/security/FreshLink";
import { useLocale } from "@ui/settings";
import { Fetched } from "@ui/states";
import { Facts } from "../Grants";
import { Page } from "../Page";
import { useT } from "../words";
import { Agreement } from "./Agreement";
import { drawOf, findingsOf, getSample, SAMPLES, type Sample } from "./api";
import { Items } from "./Items";
import { NextStep } from "./NextStep";
import { SampleChip } from "./SampleChip";
import { useSampling } from "./words";
import "./sampling.css";

export { words } from "./words";

const STATE_MS = 10_000;

/** One sample: how it was drawn, what is to do next, and its cases. */
export default function SamplePage({ id }: { id: string }) {
  const t = useSampling();
  const query = useQuery({ queryKey: [...SAMPLES, id], queryFn: () => getSample(id), refetchInterval: STATE_MS });
  return (
    <Page title={t("qs.one")} skips={[["cases", t("qs.skip")]]}>
      <Fetched query={query}>
        {(sample) => (
          <>
            <Plan sample={sample} />
            <NextStep sample={sample} />
            <Agreement sample={sample} />
            <Items sample={sample} />
          </>
        )}
      </Fetched>
    </Page>
  );
}

function Plan({ sample }: { sample: Sample }) {
  const t = useSampling();
  const c = useT();
  const locale = useLocale();
  const at = (time: string) => dateTime(parseTime(time), locale);
  return (
    <section className="card stack" aria-labelledby="draw-h" data-testid="qs.standing" data-state={sample.state}>
      <div className="row">
        <h2 id="draw-h">{t("qs.draw")}</h2>
        <SampleChip state={sample.state} />
        <Redrawn whole={sample.redrawn} />
      </div>
      <Facts
        rows={[
          [t("qs.fact.period"), `${sample.since} – ${sample.until}`],
          [c("c.filter.department"), sample.department ? inLocale(sample.department, locale) : t("qs.department.all")],
          [t("qs.fact.size"), t("qs.fact.of", { size: sample.size, population: sample.population })],
          [t("qs.fact.seed"), `${sample.seed} ${t(sample.seed_given ? "qs.fact.seed.given" : "qs.fact.seed.made")}`],
          [t("qs.fact.reviewer"), `${fullName(sample.made_by, locale)} · ${at(sample.made_at)}`],
          ...(sample.rater ? [[t("qs.fact.rater"), `${fullName(sample.rater, locale)} · ${t("qs.progress", { reviewed: sample.rater_reviewed ?? 0, size: sample.size })}`] as const] : []),
          [c("c.request.reason"), <span key="reason" className="own-words">{sample.reason}</span>],
          [c("c.request.hours"), c("c.hours", { hours: sample.hours })],
          ...(sample.approver ? [[t("qs.fact.approver"), `${fullName(sample.approver, locale)} ${sample.decision_reason ?? ""}`] as const] : []),
          ...(sample.signed_at ? [[t("qs.fact.signed"), at(sample.signed_at)] as const] : []),
          ...(sample.rater_signed_at ? [[t("qs.fact.rater.signed"), at(sample.rater_signed_at)] as const] : []),
          ...(sample.closed_by && sample.closed_at ? [[t("qs.fact.closed"), `${fullName(sample.closed_by, locale)} · ${at(sample.closed_at)}`] as const] : []),
        ]}
      />
      <p className="secondary">{t("qs.draw.how")}</p>
      {sample.blind && <p data-testid="qs.blind">{t("qs.blind")}</p>}
      <div className="row">
        <a className="c-inline-link" href={drawOf(sample.id)} download={`draw-${sample.id}.json`}>
          <Download size={16} aria-hidden /> {t("qs.draw.file")}
        </a>
        {!sample.blind && (
          <FreshLink className="c-inline-link" href={findingsOf(sample.id, locale)} download data-testid="qs.export">
            <Download size={16} aria-hidden /> {t("qs.export")}
          </FreshLink>
        )}
      </div>
    </section>
  );
}

function Redrawn({ whole }: { whole: boolean }) {
  const t = useSampling();
  return (
    <Chip tone={whole ? "ok" : "danger"} icon={whole ? ShieldCheck : ShieldX} data-testid="qs.redrawn" data-whole={whole}>
      {t(whole ? "qs.redrawn" : "qs.redrawn.not")}
    </Chip>
  );
}
