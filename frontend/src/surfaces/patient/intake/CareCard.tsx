import { useEffect, useRef } from "react";
import { Phone, Siren } from "lucide-react";
import type { RedFlag } from "@core/protocol";
import { announce } from "@ui/announce";
import { redFlagId } from "@ui/names";
import { useSession } from "@ui/live";
import { useUi } from "@ui/words";
import { useT } from "./words";

const MOST = 4;

/** The emergency care card: what the patient ticked, and one number to call. An automatic message, and it says so. */
export function CareCard({ flags }: { flags: readonly RedFlag[] }) {
  const t = useT();
  const ui = useUi();
  const { hospital } = useSession();
  const title = t("p.care.title", { number: hospital.emergency });
  useEffect(() => announce(title, "assertive"), [title]);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    card.current?.scrollIntoView({ block: "nearest" }); // under a long list it would be seen by who scrolls only
  }, []);
  return (
    <section ref={card} className="p-care" aria-labelledby="care-h" data-testid="p.care">
      <h2 id="care-h">
        <Siren size={24} aria-hidden />
        <span>
          <span className="sr-only">{t("p.care.hidden")}</span>
          {title}
        </span>
      </h2>
      <div className="p-care-body">
        <ul>
          {flags.slice(0, MOST).map((flag) => (
            <li key={flag}>{ui(redFlagId(flag))}</li>
          ))}
        </ul>
        <a className="x-button" data-variant="emergency" data-size="main" href={`tel:${hospital.emergency}`} data-testid="p.care.call">
          <Phone size={20} aria-hidden />
          {ui("ui.emergency.call", { number: hospital.emergency })}
        </a>
        <p>{t("p.care.continue")}</p>
        <p className="secondary">{t("p.care.automatic")}</p>
      </div>
    </section>
  );
}
