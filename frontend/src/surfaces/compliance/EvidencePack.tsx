import { useEffect, useEffectEvent, useRef, useState } from "react";
import { keepPreviousData, skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { ErrorState, Fetched } from "@ui/states";
import { ledgerHealth, listPacks, previewPack, startPack, type Grant, type Pack, type PackWish } from "./api";
import { scopeOf, THIS_CASE, wishOf, type Choice } from "./choice";
import { PackChoice } from "./PackChoice";
import { PackList } from "./PackList";
import { PackPreview } from "./PackPreview";
import { useT } from "./words";

const POLL_MS = 1_000;
const REST_MS = 10_000; // a download is in the ledger before its first byte arrives

/** C-8: what the grant opens in one file that a stranger can check without us; and every such file that was made before. */
export function EvidencePack({ grant }: { grant: Grant }) {
  const t = useT();
  const client = useQueryClient();
  const key = ["compliance", "packs", grant.id];
  const packs = useQuery({ queryKey: key, queryFn: () => listPacks(grant.id), refetchInterval: ({ state }) => (state.data?.some(isMade) ? POLL_MS : REST_MS) });
  const starting = useMutation({ mutationFn: (wish: PackWish) => startPack(grant.id, wish), onSuccess: () => client.invalidateQueries({ queryKey: key }) });
  const newest = packs.data?.[0];
  const running = starting.isPending || (newest !== undefined && isMade(newest));
  useSpokenEnd(newest);
  return (
    <section className="card c-pack" aria-labelledby="pack-h" data-testid="c.pack" data-state={newest?.state ?? "none"}>
      <h2 id="pack-h">{t("c.pack.title")}</h2>
      <p className="secondary">{t("c.pack.what")}</p>
      {starting.isError && <ErrorState error={codedFrom(starting.error)} onRetry={() => starting.mutate(starting.variables)} />}
      {!running && <NextPack grant={grant} first={!newest} onStart={(wish) => starting.mutate(wish)} />}
      <Fetched query={packs} isEmpty={(all) => all.length === 0} empty={null}>
        {(all) => <PackList packs={all} />}
      </Fetched>
      <HowToVerify name={newest?.name ?? null} />
    </section>
  );
}

/** What the next pack shall hold, what that comes to, and the button. */
function NextPack({ grant, first, onStart }: { grant: Grant; first: boolean; onStart: (wish: PackWish) => void }) {
  const t = useT();
  const [choice, setChoice] = useState(THIS_CASE);
  const [checked, setChecked] = useState(false);
  const change = (part: Partial<Choice>) => setChoice((before) => ({ ...before, ...part }));
  const scope = scopeOf(choice);
  // Looking for other cases is a search that stands in the ledger: asked once, not again in the background.
  const preview = useQuery({
    queryKey: ["compliance", "pack-preview", grant.id, scope],
    queryFn: scope ? () => previewPack(grant.id, scope) : skipToken,
    staleTime: "static",
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const known = preview.isPlaceholderData ? undefined : preview.data;
  const start = () => {
    const wish = scope && wishOf(choice, grant.id, known);
    setChecked(true);
    if (wish) onStart(wish);
  };
  return (
    <>
      <PackChoice grant={grant} choice={choice} checked={checked} onChange={change} />
      {scope && (
        <Fetched query={preview} rows={2}>
          {(found) => <PackPreview grant={grant} found={found} choice={choice} onChange={change} />}
        </Fetched>
      )}
      <div className="row">
        <Button variant={first ? "primary" : "secondary"} icon={PackageCheck} onClick={start} data-testid="c.pack.create">
          {first ? t("c.pack.create") : t("c.pack.again")}
        </Button>
      </div>
    </>
  );
}

const isMade = (pack: Pack) => pack.state === "queued" || pack.state === "running";

/** Says how it ended, once, when it was seen being made. */
function useSpokenEnd(pack: Pack | undefined): void {
  const t = useT();
  const state = pack?.state;
  const say = useEffectEvent(() => {
    if (state === "done") announce(t("c.pack.ready"));
    if (state === "failed") announce(t("c.pack.failed"), "assertive");
  });
  const before = useRef<Pack["state"] | undefined>(undefined);
  useEffect(() => {
    if (before.current === "queued" || before.current === "running") say();
    before.current = state;
  }, [state]);
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
        <li>{t("c.verify.paper")}</li>
      </ol>
      <p className="secondary">{t("c.verify.offline")}</p>
    </details>
  );
}
