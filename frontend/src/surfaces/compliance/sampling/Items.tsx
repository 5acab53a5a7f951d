import { useState } from "react";
import { CircleCheck, CircleHelp, ClipboardPen, FolderOpen, TriangleAlert } from "lucide-react";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocation } from "@ui/router";
import { useLocale } from "@ui/settings";
import { Marks } from "../Marks";
import { useT } from "../words";
import { Apart } from "./Apart";
import { resolveItem, reviewItem, type Sample, type SampledCase, type Verdict } from "./api";
import { Findings } from "./Findings";
import { ReviewDialog } from "./ReviewDialog";
import { useSampling } from "./words";

const LOOK = { clean: [CircleCheck, "ok"], found: [TriangleAlert, "warn"], unreadable: [CircleHelp, "neutral"] } as const;

/** The drawn cases in the order of the draw, with what was found in each. */
export function Items({ sample }: { sample: Sample }) {
  const t = useSampling();
  const [reviewing, setReviewing] = useState<SampledCase | null>(null);
  const [resolving, setResolving] = useState<SampledCase | null>(null);
  return (
    <section id="cases" tabIndex={-1} data-region className="c-section" aria-labelledby="cases-h">
      <h2 id="cases-h">
        {t("qs.items")} <span className="c-section-count">{t("qs.progress", { reviewed: sample.reviewed, size: sample.size })}</span>
      </h2>
      <ol className="c-grants">
        {sample.items.map((item) => (
          <Item key={item.position} sample={sample} item={item} onReview={() => setReviewing(item)} onResolve={() => setResolving(item)} />
        ))}
      </ol>
      {reviewing && <ReviewDialog sample={sample} item={reviewing} said={reviewItem} onClose={() => setReviewing(null)} />}
      {resolving && <ReviewDialog sample={sample} item={{ ...resolving, opened: true }} said={resolveItem} onClose={() => setResolving(null)} />}
    </section>
  );
}

function Item({ sample, item, onReview, onResolve }: { sample: Sample; item: SampledCase; onReview: () => void; onResolve: () => void }) {
  const t = useSampling();
  const c = useT();
  const locale = useLocale();
  const me = useSession().person.id;
  const second = me === sample.rater?.id;
  const mine = me === sample.made_by.id || (second && sample.joined);
  const signed = second ? sample.rater_signed_at : sample.signed_at;
  const [, go] = useLocation();
  const decided = sample.state !== "waiting" && sample.state !== "rejected";
  return (
    <li className="c-grant" data-testid="qs.item" data-verdict={item.verdict ?? "none"}>
      <div className="c-grant-main">
        <p>
          <strong>
            {item.position}. {item.number}
          </strong>
        </p>
        <p className="secondary">
          {inLocale(item.department, locale)} · {item.doctor ? fullName(item.doctor, locale) : c("c.case.noDoctor")} · {t("qs.item.messages", { count: item.messages })}
        </p>
        <Findings findings={item.findings} />
      </div>
      <div className="c-grant-side">
        <Marks found={item} annotations={item.annotations} />
        {item.verdict && <VerdictChip verdict={item.verdict} />}
        {mine && item.grant_state === "approved" && (
          <Button size="small" icon={FolderOpen} onClick={() => go(`/grants/${item.grant}/case`)} aria-label={c("c.open.named", { number: item.number })} data-testid="qs.item.open">
            {c("c.open")}
          </Button>
        )}
        {mine && decided && !signed && (
          <Button size="small" variant={item.opened && !item.verdict ? "primary" : "secondary"} icon={ClipboardPen} onClick={onReview} aria-label={t("qs.item.review.named", { number: item.number })} data-testid="qs.item.review">
            {t("qs.item.review")}
          </Button>
        )}
      </div>
      <Apart sample={sample} item={item} onResolve={onResolve} />
    </li>
  );
}

function VerdictChip({ verdict }: { verdict: Verdict }) {
  const t = useSampling();
  const [icon, tone] = LOOK[verdict];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`qs.verdict.${verdict}`)}
    </Chip>
  );
}
