import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { CalendarCheck, Trash2 } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { isOfficer } from "../api";
import { useT } from "../words";
import { confirmRun, previewRun, type DueItem, type RunPreview } from "./api";
import { ReasonDialog } from "./ReasonDialog";

/** What the next run would destroy; confirmed, exactly this and nothing else. */
export function Preview() {
  const t = useT();
  const query = useQuery({ queryKey: ["keep", "preview"], queryFn: previewRun });
  return (
    <div className="c-keep">
      <p className="secondary">{t("c.keep.preview.what")}</p>
      <Fetched query={query} isEmpty={(one) => one.total === 0} empty={<EmptyState icon={CalendarCheck} title={t("c.keep.preview.none")} />}>
        {(one) => <Due preview={one} />}
      </Fetched>
    </div>
  );
}

function Due({ preview }: { preview: RunPreview }) {
  const t = useT();
  const officer = isOfficer(useSession().roles);
  const [open, setOpen] = useState(false);
  return (
    <section className="card stack" aria-labelledby="due-h">
      <h2 id="due-h" data-testid="c.keep.preview.total">
        {t("c.keep.preview.total", { count: preview.total })}
      </h2>
      {preview.waiting > 0 && <p>{t("c.keep.preview.waiting", { count: preview.waiting })}</p>}
      <ul className="c-grants">
        {preview.items.map((item) => (
          <DueRow key={item.key} item={item} />
        ))}
      </ul>
      {preview.total > preview.items.length && <p className="secondary">{t("c.keep.preview.more", { count: preview.total - preview.items.length })}</p>}
      <p className="secondary">
        {t("c.keep.preview.digest")} <code className="c-keep-digest">{preview.digest}</code>
      </p>
      {officer && (
        <div className="row">
          <Button variant="danger" icon={Trash2} onClick={() => setOpen(true)} data-testid="c.keep.preview.confirm">
            {t("c.keep.preview.confirm")}
          </Button>
        </div>
      )}
      {open && (
        <ReasonDialog
          title={t("c.keep.preview.confirm")}
          what={t("c.keep.preview.sure", { count: preview.total })}
          confirm={t("c.keep.preview.confirm")}
          danger
          act={() => confirmRun(preview.digest)}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}

function DueRow({ item }: { item: DueItem }) {
  const t = useT();
  const locale = useLocale();
  const at = (time: string) => dateTime(parseTime(time), locale);
  return (
    <li className="c-grant" data-testid="c.keep.due">
      <div>
        <p>
          <strong>{inLocale(item.label, locale)}</strong> {item.number} {item.patient}
        </p>
        <p className="secondary">{t("c.keep.due.clock", { last: at(item.last_at), due: at(item.due_from) })}</p>
      </div>
    </li>
  );
}
