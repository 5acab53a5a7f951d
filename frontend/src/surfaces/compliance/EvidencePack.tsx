import { useEffect, useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Download, PackageCheck } from "lucide-react";
import { codedFrom } from "@core/errors";
import { dateTime, fileSize, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { getPack, ledgerHealth, packFile, startPack, type Grant, type Pack } from "./api";
import { useT } from "./words";

const POLL_MS = 1_000;

/** C-8: everything the grant opens in one file that a stranger can check without us. */
export function EvidencePack({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  const [id, remember] = usePackId(grant.id);
  const starting = useMutation({ mutationFn: () => startPack(grant.id, { content: [], also: [], printed: false }), onSuccess: (made) => remember(made.id) });
  const pack = useQuery({
    queryKey: ["compliance", "pack", id],
    queryFn: () => getPack(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : POLL_MS),
  });
  useSpokenEnd(pack.data);
  const running = starting.isPending || (id !== null && !pack.isError && !isOver(pack.data));
  return (
    <section className="card c-pack" aria-labelledby="pack-h" data-testid="c.pack" data-state={pack.data?.state ?? "none"}>
      <h2 id="pack-h">{t("c.pack.title")}</h2>
      <p className="secondary">{t("c.pack.what")}</p>
      {starting.isError && <ErrorState error={codedFrom(starting.error)} onRetry={() => starting.mutate()} />}
      {pack.isError && <ErrorState error={codedFrom(pack.error)} onRetry={() => void pack.refetch()} />}
      {running && <Progress pack={pack.data} />}
      {pack.data?.state === "failed" && (
        <p className="c-failed" role="alert">
          {t("c.pack.failed")} {pack.data.failure && inLocale(pack.data.failure.message, locale)}
        </p>
      )}
      {pack.data?.state === "expired" && <p>{t("c.pack.expired")}</p>}
      {id !== null && pack.data?.state === "done" && <Done id={id} pack={pack.data} />}
      {!running && (
        <Button variant={pack.data?.state === "done" ? "secondary" : "primary"} icon={PackageCheck} onClick={() => starting.mutate()} data-testid="c.pack.create">
          {pack.data?.state === "done" ? t("c.pack.again") : t("c.pack.create")}
        </Button>
      )}
      <HowToVerify name={pack.data?.name ?? null} />
    </section>
  );
}

const isOver = (pack: Pack | undefined) => pack !== undefined && pack.state !== "queued" && pack.state !== "running";

/** The pack goes on being made when the page is left; this tab remembers which one it was. */
function usePackId(grant: string): [string | null, (id: string) => void] {
  const key = `xinqiao.pack.${grant}`;
  const [id, setId] = useState(() => sessionStorage.getItem(key));
  return [
    id,
    (made) => {
      sessionStorage.setItem(key, made);
      setId(made);
    },
  ];
}

function useSpokenEnd(pack: Pack | undefined): void {
  const t = useT();
  const state = pack?.state;
  useEffect(() => {
    if (state === "done") announce(t("c.pack.ready"));
    if (state === "failed") announce(t("c.pack.failed"), "assertive");
    // eslint-disable-next-line react-hooks/exhaustive-deps -- spoken when the state changes
  }, [state]);
}

function Progress({ pack }: { pack: Pack | undefined }) {
  const t = useT();
  const percent = Math.round((pack?.progress ?? 0) * 100);
  return (
    <div data-testid="c.pack.progress">
      <label>
        {t("c.pack.progress", { percent })}
        <progress className="c-progress" max={100} value={percent} />
      </label>
      <p className="secondary">{t("c.pack.leave")}</p>
    </div>
  );
}

function Done({ id, pack }: { id: string; pack: Pack }) {
  const t = useT();
  const locale = useLocale();
  return (
    <div className="stack">
      <a className="x-button" data-variant="primary" href={packFile(id)} download={pack.name ?? true} data-testid="c.pack.download">
        <Download size={20} aria-hidden />
        <span>{t("c.pack.download", { size: fileSize(pack.size ?? 0) })}</span>
      </a>
      {pack.expires_at && <p className="secondary">{t("c.pack.until", { time: dateTime(parseTime(pack.expires_at), locale) })}</p>}
      <p className="secondary c-digest">
        {t("c.pack.sha256")} <code data-testid="c.pack.sha256">{pack.sha256}</code>
      </p>
    </div>
  );
}

/** For somebody who has never seen a digest: three steps and one command. */
function HowToVerify({ name }: { name: string | null }) {
  const t = useT();
  const health = useQuery({ queryKey: ["integrity"], queryFn: ledgerHealth });
  const key = health.data?.public_key ?? t("c.verify.key");
  return (
    <details className="c-verify" data-testid="c.pack.verify">
      <summary>{t("c.verify.title")}</summary>
      <ol>
        <li>{t("c.verify.unpack")}</li>
        <li>
          {t("c.verify.run")}
          <code className="c-command">{`python3 verify_pack.py ${name ?? t("c.verify.file")} --key "${key}"`}</code>
        </li>
        <li>{t("c.verify.read")}</li>
      </ol>
      <p className="secondary">{t("c.verify.offline")}</p>
    </details>
  );
}
