import { MessagesSquare } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { Side } from "@core/sides";
import { CountBadge } from "@ui/Chip";
import { languageOf } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { SideThread } from "./SideThread";
import { useSide, useSides } from "./useSides";

/** Discussions that this clinician was asked into or began; `open` is the case of the one that is shown. */
export function DiscussionsPage({ open }: { open: string | null }) {
  const t = useT();
  return (
    <Workbench title={t("d.nav.sides")} fill>
      <div className="d-panes d-discussions" data-open={open !== null}>
        <section className="d-queue" aria-label={t("d.sides.list")} data-region="a" tabIndex={-1}>
          <Fetched query={useSides()} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={MessagesSquare} title={t("d.sides.empty")} />}>
            {(all) => (
              <ul className="d-list-rest" data-testid="d.sides">
                {all.map((side) => (
                  <Row key={side.id} side={side} open={side.about.consultation === open} />
                ))}
              </ul>
            )}
          </Fetched>
        </section>
        <section id="conversation" className="d-conversation" aria-label={t("d.side.title")} data-region="textarea" tabIndex={-1}>
          {open === null ? <EmptyState icon={MessagesSquare} title={t("d.sides.choose")} /> : <Opened key={open} consultation={open} />}
        </section>
      </div>
    </Workbench>
  );
}

function Row({ side, open }: { side: Side; open: boolean }) {
  const t = useT();
  const locale = useLocale();
  const identity = useIdentity();
  const { about, unread, last_at, last_line } = side;
  return (
    <li>
      <Link href={`/sides/${about.consultation}`} className="d-row d-side-row" aria-current={open ? "page" : undefined} data-testid="d.sides.row">
        <span className="d-row-line">
          <strong className="d-row-name">{identity(about.patient)}</strong>
          <span className="d-row-end">
            <CountBadge count={unread} label={t("d.row.unread", { count: unread })} />
          </span>
        </span>
        {last_line && (
          <span className="d-row-words" lang={languageOf(last_line)}>
            {last_line}
          </span>
        )}
        <span className="d-row-line meta">
          {inLocale(about.department, locale)} · {dateTime(parseTime(last_at), locale)}
        </span>
      </Link>
    </li>
  );
}

function Opened({ consultation }: { consultation: string }) {
  const t = useT();
  const locale = useLocale();
  const identity = useIdentity();
  return (
    <Fetched query={useSide(consultation)} isEmpty={(side) => side === null} empty={<EmptyState title={t("d.side.none")} />}>
      {(side) =>
        side && (
          <>
            <header className="d-conv-head">
              <div className="d-conv-who">
                <h2>{t("d.side.about", { who: identity(side.about.patient) })}</h2>
                <span className="secondary">{inLocale(side.about.department, locale)}</span>
              </div>
            </header>
            <SideThread side={side} alone />
          </>
        )
      }
    </Fetched>
  );
}
