import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CheckCheck, Scale } from "lucide-react";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { isApprover } from "../api";
import { useListed } from "../Grants";
import { confirmItem, SAMPLES, type Rating, type Sample, type SampledCase } from "./api";
import { Findings } from "./Findings";
import { useSampling } from "./words";

interface ApartProps {
  sample: Sample;
  item: SampledCase;
  onResolve: () => void;
}

/** A case that two raters graded differently: both their words, what was said to settle it, and who may still say something. */
export function Apart({ sample, item, onResolve }: ApartProps) {
  const t = useSampling();
  const listed = useListed();
  const { person, roles } = useSession();
  const client = useQueryClient();
  const rates = person.id === sample.made_by.id || person.id === sample.rater?.id;
  const said = item.resolution;
  const confirming = useMutation({
    mutationFn: () => confirmItem(sample.id, item.position),
    onSuccess: (next) => {
      client.setQueryData([...SAMPLES, sample.id], next);
      announce(t("qs.apart.confirmed"));
    },
  });
  if (item.differs.length === 0) return null;
  const open = !said?.stands && sample.state !== "closed";
  const criteria = listed(item.differs.map((name) => (name === "verdict" ? t("qs.apart.verdict") : t(`qs.kind.${name}`))));
  return (
    <div className="qs-apart" data-testid="qs.apart" data-settled={said?.stands === true}>
      <p>
        <Chip tone={open ? "warn" : "ok"} icon={Scale}>
          {t(open ? "qs.apart.open" : "qs.apart.settled")}
        </Chip>{" "}
        {t("qs.apart.by", { criteria })}
      </p>
      <div className="qs-pair">
        {item.ratings.map((rating) => (
          <Word key={rating.by.id} rating={rating} />
        ))}
      </div>
      {said && (
        <div data-testid="qs.apart.said">
          <p className="secondary">{t(said.how === "third" ? "qs.apart.third" : said.stands ? "qs.apart.agreed" : "qs.apart.proposed")}</p>
          <Word rating={said} />
        </div>
      )}
      {confirming.isError && <ErrorState error={codedFrom(confirming.error)} />}
      {open && (
        <div className="row">
          {said && rates && said.by.id !== person.id && (
            <Button size="small" variant="primary" icon={CheckCheck} pending={confirming.isPending} onClick={() => confirming.mutate()} data-testid="qs.apart.confirm">
              {t("qs.apart.confirm")}
            </Button>
          )}
          {(rates || isApprover(roles)) && (
            <Button size="small" icon={Scale} onClick={onResolve} data-testid="qs.apart.resolve">
              {t(rates ? "qs.apart.talk" : "qs.apart.decide")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Word({ rating }: { rating: Rating }) {
  const t = useSampling();
  const locale = useLocale();
  return (
    <div>
      <p>
        <strong>{fullName(rating.by, locale)}</strong> · {t(`qs.verdict.${rating.verdict}`)}
      </p>
      <Findings findings={rating.findings} />
    </div>
  );
}
