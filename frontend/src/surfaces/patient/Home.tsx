import { useEffect } from "react";
import { ALargeSmall, FileHeart, HeartPulse, MessageCircleQuestionMark, MessagesSquare } from "lucide-react";
import type { Consultation } from "@core/consultations";
import { changeSettings, elderSwitch } from "@core/settings";
import { Button } from "@ui/Button";
import { useSession, useUnsent } from "@ui/live";
import { PatientShell } from "@ui/PatientShell";
import { useSettings } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { ButtonLink } from "./ButtonLink";
import { ConsultationCard } from "./ConsultationCard";
import { useConsultations, useNav } from "./nav";
import { NoticesLink } from "./notices/NoticesLink";
import { useT } from "./words";

/** One glance: did someone answer, and how do I ask. */
export function Home() {
  const t = useT();
  const { mode } = useSettings();
  const { person } = useSession();
  const nav = useNav();
  const consultations = useConsultations();
  useEffect(() => {
    if (consultations.data) performance.mark("home:ready");
  }, [consultations.data]);
  return (
    <PatientShell title={t("p.home.title")} subtitle={t("p.home.hello", { name: person.name })} nav={nav}>
      <ElderSwitch />
      {mode === "elder" ? <BigButtons /> : <ButtonLinkAsk />}
      <Unsubmitted />
      <NoticesLink />
      <section className="stack" aria-labelledby="home-h">
        <h2 id="home-h">{t("p.home.consultations")}</h2>
        <Fetched query={consultations} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={MessageCircleQuestionMark} title={t("p.home.empty")} />}>
          {(all) => <Overview all={all} />}
        </Fetched>
      </section>
    </PatientShell>
  );
}

const ButtonLinkAsk = () => {
  const t = useT();
  return (
    <ButtonLink href="/ask" variant="primary" size="main" icon={MessageCircleQuestionMark} testid="p.home.ask">
      {t("p.home.ask")}
    </ButtonLink>
  );
};

/** What goes on comes first; of the finished ones only the latest. */
function Overview({ all }: { all: readonly Consultation[] }) {
  const open = all.filter((one) => one.state !== "closed");
  const shown = open.length > 0 ? open : all.slice(0, 1);
  return (
    <ul className="stack">
      {shown.map((one) => (
        <li key={one.id}>
          <ConsultationCard consultation={one} />
        </li>
      ))}
    </ul>
  );
}

/** An intake that is still in this browser. */
function Unsubmitted() {
  const t = useT();
  const waiting = useUnsent().filter((item) => item.command.type === "consultation.open");
  return waiting.map((item) => (
    <ButtonLink key={item.client_id} href={`/ask/sent/${item.client_id}`} testid="p.home.unsubmitted">
      {item.state === "failed" ? t("p.home.unsubmitted.failed") : t("p.home.unsubmitted")}
    </ButtonLink>
  ));
}

function BigButtons() {
  const t = useT();
  const { hospital } = useSession();
  return (
    <div className="p-big">
      <ButtonLinkAsk />
      <ButtonLink href="/messages" size="main" icon={MessagesSquare}>
        {t("p.home.replies")}
      </ButtonLink>
      <ButtonLink href="/record" size="main" icon={FileHeart}>
        {t("p.home.record")}
      </ButtonLink>
      {hospital.phone && (
        <a className="x-button" data-size="main" href={`tel:${hospital.phone}`}>
          <HeartPulse size={20} aria-hidden />
          {t("p.home.phone")}
        </a>
      )}
    </div>
  );
}

function ElderSwitch() {
  const t = useT();
  const { mode } = useSettings();
  const elder = mode === "elder";
  return (
    <Button className="p-elder" size="small" icon={ALargeSmall} aria-pressed={elder} onClick={() => changeSettings(elderSwitch(!elder))} data-testid="p.home.elder">
      {t("p.elder")}
    </Button>
  );
}
