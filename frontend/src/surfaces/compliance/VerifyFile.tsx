import { useEffect, useRef, useState } from "react";
import { FileCheck2, FileX2, FileUp } from "lucide-react";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useT } from "./words";
import { BadPack } from "./verify/archive";
import { NoSignatures } from "./verify/notes";
import { checkPack, type Proven } from "./verify/pack";

type Verdict = { is: "none" } | { is: "checking"; name: string; percent: number } | { is: "proven"; name: string; proven: Proven } | { is: "bad"; name: string; item: string } | { is: "unable"; name: string } | { is: "other"; name: string };

/** Drop an evidence pack, get a plain verdict. The file stays in this browser. */
export function VerifyFile({ publicKey }: { publicKey: string }) {
  const t = useT();
  const [verdict, setVerdict] = useState<Verdict>({ is: "none" });
  const input = useRef<HTMLInputElement>(null);
  const check = async (file: File) => {
    const name = file.name;
    setVerdict({ is: "checking", name, percent: 0 });
    const next = await verdictOn(file, publicKey, (share) => setVerdict({ is: "checking", name, percent: Math.floor(share * 100) }));
    setVerdict(next);
    announce(next.is === "proven" ? t("c.file.proven") : next.is === "bad" ? t("c.file.bad", { item: next.item }) : t("c.file.unable"), next.is === "proven" ? "polite" : "assertive");
  };
  const area = useDropped((file) => void check(file));
  return (
    <section className="card c-file" aria-labelledby="file-h" data-testid="c.file" data-verdict={verdict.is} ref={area}>
      <h2 id="file-h">{t("c.file.title")}</h2>
      <p className="secondary">{t("c.file.what")}</p>
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label={t("c.file.choose")}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          target.value = "";
          if (file) void check(file);
        }}
        data-testid="c.file.input"
      />
      <div className="row">
        <Button icon={FileUp} pending={verdict.is === "checking"} onClick={() => input.current?.click()} data-testid="c.file.choose">
          {t("c.file.choose")}
        </Button>
        <span className="secondary">{t("c.file.drop")}</span>
      </div>
      {verdict.is === "checking" && (
        <label>
          {t("c.file.checking", { name: verdict.name, percent: verdict.percent })}
          <progress className="c-progress" max={100} value={verdict.percent} />
        </label>
      )}
      <Said verdict={verdict} />
    </section>
  );
}

/** Files dropped on an element. A mouse's shortcut: the button beside it does the same. */
function useDropped(onFile: (file: File) => void) {
  const ref = useRef<HTMLElement>(null);
  const latest = useRef(onFile);
  useEffect(() => {
    latest.current = onFile;
  });
  useEffect(() => {
    const area = ref.current;
    const over = (event: Event) => event.preventDefault();
    const drop = (event: globalThis.DragEvent) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) latest.current(file);
    };
    area?.addEventListener("dragover", over);
    area?.addEventListener("drop", drop);
    return () => {
      area?.removeEventListener("dragover", over);
      area?.removeEventListener("drop", drop);
    };
  }, []);
  return ref;
}

const ZIP = "PK";

async function verdictOn(file: File, publicKey: string, onProgress: (share: number) => void): Promise<Verdict> {
  if ((await file.slice(0, ZIP.length).text()) !== ZIP) return { is: "other", name: file.name };
  try {
    return { is: "proven", name: file.name, proven: await checkPack(file, publicKey, onProgress) };
  } catch (error) {
    if (error instanceof NoSignatures) return { is: "unable", name: file.name };
    // Whatever a malformed pack makes the check stumble over is a fault of the pack.
    return { is: "bad", name: file.name, item: error instanceof BadPack ? error.item : file.name };
  }
}

function Said({ verdict }: { verdict: Verdict }) {
  const t = useT();
  if (verdict.is === "unable") return <p role="alert">{t("c.file.unable")}</p>;
  if (verdict.is === "bad" || verdict.is === "other")
    return (
      <p className="x-health" data-ok={false} data-testid="c.file.verdict">
        <FileX2 size={20} aria-hidden />
        <span>
          {verdict.name}: {verdict.is === "other" ? t("c.file.other") : t("c.file.bad", { item: verdict.item })}
        </span>
      </p>
    );
  if (verdict.is !== "proven") return null;
  const { proven } = verdict;
  return (
    <div className="stack" data-testid="c.file.verdict">
      <p className="x-health" data-ok={true}>
        <FileCheck2 size={20} aria-hidden />
        <span>
          {verdict.name}: {t("c.file.proven")}
        </span>
      </p>
      <ul className="c-file-list">
        <li>{t("c.file.seal", { files: proven.files })}</li>
        <li>{t("c.file.entries", { entries: proven.entries, ledger: proven.ledger })}</li>
        {proven.shredded > 0 && <li data-testid="c.file.shredded">{t("c.file.shredded", { count: proven.shredded, stones: proven.stones })}</li>}
        {proven.waiting > 0 && <li>{t("c.file.waiting", { count: proven.waiting })}</li>}
        {proven.cases.map((one) => (
          <li key={one.number}>{t(one.closed ? "c.file.closed" : "c.file.open", { number: one.number, entries: one.entries })}</li>
        ))}
      </ul>
      <p className="secondary">{t("c.file.not")}</p>
    </div>
  );
}
