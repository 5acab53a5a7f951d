import { Megaphone, PenLine } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { Link, useLocation } from "@ui/router";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { useBroadcasts, type Broadcast } from "./api";
import { Counts, StateChip } from "./Counts";
import "./broadcasts.css";

/** What I have written to many patients at once, and what became of it. */
export function BroadcastsPage() {
  const t = useT();
  const [, go] = useLocation();
  return (
    <Workbench title={t("d.nav.broadcasts")}>
      <div className="d-page">
        <div className="row d-page-head">
          <p className="secondary">{t("d.broadcasts.what")}</p>
          <Button variant="primary" icon={PenLine} onClick={() => go("/broadcasts/new")} data-testid="d.broadcast.new">
            {t("d.broadcast.new")}
          </Button>
        </div>
        <Fetched query={useBroadcasts()} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={Megaphone} title={t("d.broadcasts.none")} />}>
          {(all) => (
            <ul className="d-cards">
              {all.map((one) => (
                <Row key={one.id} broadcast={one} />
              ))}
            </ul>
          )}
        </Fetched>
      </div>
    </Workbench>
  );
}

function Row({ broadcast }: { broadcast: Broadcast }) {
  const locale = useLocale();
  const { id, title, at, state } = broadcast;
  return (
    <li className="card d-broadcast" data-testid="d.broadcast.row" data-state={state}>
      <div className="row d-broadcast-head">
        <Link href={`/broadcasts/${id}`}>
          <strong>{title}</strong>
        </Link>
        <StateChip state={state} />
        <time className="secondary" dateTime={at}>
          {dateTime(parseTime(at), locale)}
        </time>
      </div>
      <Counts broadcast={broadcast} />
    </li>
  );
}
