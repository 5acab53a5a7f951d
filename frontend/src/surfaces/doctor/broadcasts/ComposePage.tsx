import { useState } from "react";
import { ArrowLeft, Eye } from "lucide-react";
import { newClientId } from "@core/ids";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { RadioGroup, TextArea, TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { NoticeCard } from "@ui/notices/NoticeCard";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { Fetched } from "@ui/states";
import { useNow } from "@ui/staff/useNow";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { TEXT_CHARS, TITLE_CHARS, useCohorts, type Cohort } from "./api";
import { ConfirmDialog } from "./ConfirmDialog";
import "./broadcasts.css";

/** Write a notice, see it as the patient will, and confirm to how many it goes. */
export function ComposePage() {
  const t = useT();
  return (
    <Workbench title={t("d.broadcast.new")}>
      <div className="d-page">
        <Link href="/broadcasts" className="d-back">
          <ArrowLeft size={16} aria-hidden />
          {t("d.broadcasts.all")}
        </Link>
        <Fetched query={useCohorts()}>{(cohorts) => <Form cohorts={cohorts} />}</Fetched>
      </div>
    </Workbench>
  );
}

function Form({ cohorts }: { cohorts: readonly Cohort[] }) {
  const t = useT();
  const locale = useLocale();
  const [client_id] = useState(newClientId);
  const [cohort, setCohort] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [checked, setChecked] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const to = cohorts.find(({ id }) => id === cohort);
  const words = { title: title.trim(), text: text.trim() };
  const missing = { cohort: !to, nobody: to?.size === 0, title: !words.title, text: !words.text };
  const next = () => {
    setChecked(true);
    setConfirming(!Object.values(missing).some(Boolean));
  };
  return (
    <div className="d-compose">
      <div className="stack">
        <RadioGroup
          label={t("d.broadcast.to")}
          value={cohort}
          options={cohorts.map(({ id, name, size }) => ({ value: id, label: inLocale(name, locale), description: t("d.broadcast.size", { count: size }) }))}
          error={checked ? (missing.cohort ? t("d.broadcast.to.missing") : missing.nobody ? t("d.broadcast.to.nobody") : null) : null}
          onChange={setCohort}
          testid="d.broadcast.to"
        />
        <TextField
          label={t("d.broadcast.title")}
          hint={t("d.broadcast.title.hint")}
          value={title}
          maxLength={TITLE_CHARS}
          error={checked && missing.title ? t("d.broadcast.title.missing") : null}
          onChange={(event) => setTitle(event.target.value)}
          data-testid="d.broadcast.title"
        />
        <TextArea
          label={t("d.broadcast.text")}
          hint={t("d.broadcast.text.hint")}
          value={text}
          rows={6}
          maxLength={TEXT_CHARS}
          error={checked && missing.text ? t("d.broadcast.text.missing") : null}
          onChange={(event) => setText(event.target.value)}
          data-testid="d.broadcast.text"
        />
        <Button variant="primary" icon={Eye} onClick={next} data-testid="d.broadcast.next">
          {t("d.broadcast.next")}
        </Button>
      </div>
      <Preview title={words.title} text={words.text} />
      {confirming && to && <ConfirmDialog cohort={to} words={words} client_id={client_id} onBack={() => setConfirming(false)} />}
    </div>
  );
}

/** As it will stand in the patient's notices. */
function Preview({ title, text }: { title: string; text: string }) {
  const t = useT();
  const locale = useLocale();
  const { person } = useSession();
  const now = useNow(60_000);
  return (
    <section className="stack" aria-labelledby="preview-h">
      <h2 id="preview-h">{t("d.broadcast.preview")}</h2>
      <div className="d-phone">
        <NoticeCard title={title || t("d.broadcast.title")} text={text || t("d.broadcast.text")} from={fullName(person, locale)} at={now} />
      </div>
    </section>
  );
}
