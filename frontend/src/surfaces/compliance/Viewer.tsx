import { useEffect, useEffectEvent, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { DoorClosed, FolderOpen } from "lucide-react";
import { Link, useLocation } from "@ui/router";
import { codedFrom, madeHere, RequestFailed } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useNow } from "@ui/staff/useNow";
import { Loading, ErrorState } from "@ui/states";
import type { Grant } from "./api";
import { GrantChip } from "./Grants";
import { useGrant } from "./GrantPage";
import { OpenCase } from "./OpenCase";
import { Page } from "./Page";
import { Protected } from "./Protected";
import { ReadingList, useReadings } from "./Readings";
import { useT } from "./words";

type Access = { is: "checking" } | { is: "open"; grant: Grant } | { is: "ended"; grant: Grant } | { is: "lost"; error: unknown };

/** C-5: a case under a grant. Open only while the server says, every few seconds, that the grant is in force. */
export function Viewer({ id }: { id: string }) {
  const t = useT();
  const access = useAccess(id);
  const [shut, setShut] = useState(false);
  const client = useQueryClient();
  const closed = access.is === "ended" || access.is === "lost";
  if (closed && !shut) setShut(true);
  const forget = useEffectEvent(() => {
    client.removeQueries({ queryKey: ["content", id] });
    announce(t("c.viewer.closed"), "assertive");
  });
  useEffect(() => {
    if (closed) forget();
  }, [closed]);
  const number = "grant" in access ? access.grant.case.number : "";
  return (
    <Page title={t("c.viewer.title", { number })} skips={access.is === "open" && !shut ? [["case-content", t("c.viewer.skip")]] : []}>
      {access.is === "checking" && <Loading />}
      {access.is === "lost" && <Lost error={access.error} />}
      {access.is === "ended" && <Ended grant={access.grant} />}
      {access.is === "open" && (shut ? <Again onOpen={() => setShut(false)} /> : <Protected><OpenCase grant={access.grant} /></Protected>)}
    </Page>
  );
}

// A network that hangs is no confirmation either.
const UNCONFIRMED_MS = 15_000;

/** The server's word on the grant, not this computer's clock. Without a fresh one nothing is shown: content is not kept. */
function useAccess(id: string): Access {
  const query = useGrant(id);
  const now = useNow(1_000);
  const visibleSince = useVisibleSince();
  if (query.isError) return { is: "lost", error: query.error };
  if (!query.data) return { is: "checking" };
  if (query.data.state !== "approved") return { is: "ended", grant: query.data };
  const confirmed = Math.max(query.dataUpdatedAt, visibleSince);
  return now - confirmed > UNCONFIRMED_MS ? { is: "lost", error: madeHere("client.timeout") } : { is: "open", grant: query.data };
}

/** When this tab was last brought to the front: browsers slow the clocks of hidden tabs, and nobody reads there. */
function useVisibleSince(): number {
  const [since, setSince] = useState(() => Date.now());
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === "visible") setSince(Date.now());
    };
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, []);
  return since;
}

/** The grant is over: what state it is in, and a summary of what was read under it. */
function Ended({ grant }: { grant: Grant }) {
  const t = useT();
  const [, go] = useLocation();
  const readings = useReadings(grant.id);
  return (
    <section className="card stack" data-testid="c.viewer.ended">
      <p className="row">
        <DoorClosed size={20} aria-hidden />
        <strong>{t("c.viewer.closed")}</strong>
        <GrantChip state={grant.state} />
      </p>
      <p>{t("c.viewer.ended")}</p>
      <h2>{t("c.viewer.summary")}</h2>
      <ReadingList query={readings} />
      <div className="row">
        <Button onClick={() => go(`/grants/${grant.id}`)}>{t("c.viewer.toGrant")}</Button>
        <Button onClick={() => go("/search")}>{t("c.viewer.askAgain")}</Button>
      </div>
    </section>
  );
}

function Lost({ error }: { error: unknown }) {
  const t = useT();
  const missing = error instanceof RequestFailed && error.status === 404;
  return (
    <div className="stack" data-testid="c.viewer.lost">
      <ErrorState error={codedFrom(error)}>{!missing && <p>{t("c.viewer.lost")}</p>}</ErrorState>
      <p>
        <Link href="/">{t("c.viewer.toWorklist")}</Link>
      </p>
    </div>
  );
}

/** After an interruption the case opens again on request only: it is a new reading. */
function Again({ onOpen }: { onOpen: () => void }) {
  const t = useT();
  return (
    <section className="card stack">
      <p>{t("c.viewer.again")}</p>
      <div className="row">
        <Button variant="primary" icon={FolderOpen} onClick={onOpen} data-testid="c.viewer.again">
          {t("c.open")}
        </Button>
      </div>
    </section>
  );
}
