import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { api, take } from "@core/api";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import type { Schemas } from "@core/protocol";
import { announce } from "../announce";
import { Button } from "../Button";
import { Chip } from "../Chip";
import { useLocale } from "../settings";
import { ErrorState, Fetched } from "../states";
import { useSecurity } from "./words";
import "./security.css";

type SignInRow = Schemas["SignInRow"];

const SESSIONS = ["sessions", "mine"];
const mySessions = () => take(api.GET("/api/me/sessions"));
const endOthers = () => take(api.DELETE("/api/me/sessions"));
const endOne = (sign_in_id: string) => take(api.DELETE("/api/me/sessions/{sign_in_id}", { params: { path: { sign_in_id } } }));

/** Where I am signed in, and signing out elsewhere. */
export function Sessions() {
  const t = useSecurity();
  const query = useQuery({ queryKey: SESSIONS, queryFn: mySessions });
  return (
    <section className="card stack" aria-labelledby="sc-sessions-h" data-testid="sc.sessions">
      <h2 id="sc-sessions-h">{t("sc.sessions.title")}</h2>
      <p className="secondary">{t("sc.sessions.what")}</p>
      <Fetched query={query}>
        {(all) => (
          <>
            <ul className="sc-rows">
              {all.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </ul>
            {all.length > 1 && <EndOthers />}
          </>
        )}
      </Fetched>
    </section>
  );
}

function useEnding(end: () => Promise<unknown>) {
  const t = useSecurity();
  const client = useQueryClient();
  return useMutation({
    mutationFn: end,
    onSuccess: () => {
      announce(t("sc.sessions.ended"));
      void client.invalidateQueries({ queryKey: SESSIONS });
    },
  });
}

function Row({ row }: { row: SignInRow }) {
  const t = useSecurity();
  const locale = useLocale();
  const ending = useEnding(() => endOne(row.id));
  const time = dateTime(parseTime(row.at), locale);
  return (
    <li data-testid="sc.session" data-here={row.here}>
      <div className="row">
        <MonitorSmartphone size={20} aria-hidden />
        <p>
          <strong>{row.device || t("sc.sessions.device")}</strong>{" "}
          <span className="secondary">{row.place ? t("sc.sessions.since.from", { time, place: row.place }) : t("sc.sessions.since", { time })}</span>
        </p>
        {row.here ? (
          <Chip tone="ok">{t("sc.sessions.here")}</Chip>
        ) : (
          <Button size="small" icon={LogOut} pending={ending.isPending} onClick={() => ending.mutate()} data-testid="sc.session.end">
            {t("sc.sessions.end")}
          </Button>
        )}
      </div>
      {ending.isError && <ErrorState error={codedFrom(ending.error)} />}
    </li>
  );
}

function EndOthers() {
  const t = useSecurity();
  const ending = useEnding(endOthers);
  return (
    <>
      {ending.isError && <ErrorState error={codedFrom(ending.error)} />}
      <Button icon={LogOut} pending={ending.isPending} onClick={() => ending.mutate()} data-testid="sc.sessions.endOthers">
        {t("sc.sessions.endOthers")}
      </Button>
    </>
  );
}
