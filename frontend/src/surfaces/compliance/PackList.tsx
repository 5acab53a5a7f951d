import { Download } from "lucide-react";
import { dateTime, fileSize, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { fullName } from "@ui/names";
import { FreshLink } from "@ui/security/FreshLink";
import { useLocale } from "@ui/settings";
import { packFile, type Pack } from "./api";
import { useContents } from "./Grants";
import { useT } from "./words";

/** Every export under this grant, the newest first: what is in it, how far it is, and who has taken it along. */
export function PackList({ packs }: { packs: readonly Pack[] }) {
  return (
    <ul className="c-packs">
      {packs.map((pack, i) => (
        <PackRow key={pack.id} pack={pack} primary={i === 0} />
      ))}
    </ul>
  );
}

function PackRow({ pack, primary }: { pack: Pack; primary: boolean }) {
  const t = useT();
  const locale = useLocale();
  const about = useAbout();
  return (
    <li className="stack" data-testid="c.pack.row" data-state={pack.state}>
      <p>
        <b>{t("c.pack.asked", { time: dateTime(parseTime(pack.asked_at), locale) })}</b> <span className="secondary">{about(pack)}</span>
      </p>
      {(pack.state === "queued" || pack.state === "running") && <Progress pack={pack} />}
      {pack.state === "failed" && (
        <p className="c-failed" role="alert">
          {t("c.pack.failed")} {pack.failure && inLocale(pack.failure.message, locale)}
        </p>
      )}
      {pack.state === "expired" && <p>{t("c.pack.expired")}</p>}
      {pack.state === "done" && <Done pack={pack} primary={primary} />}
      <Downloads pack={pack} />
    </li>
  );
}

function useAbout(): (pack: Pack) => string {
  const t = useT();
  const contents = useContents();
  return ({ content, cases, printed }) => {
    const parts = content.length > 0 ? contents(content) : t("c.content.whole");
    return t(printed ? "c.pack.about.printed" : "c.pack.about", { parts, cases });
  };
}

function Progress({ pack }: { pack: Pack }) {
  const t = useT();
  const percent = Math.round(pack.progress * 100);
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

function Done({ pack, primary }: { pack: Pack; primary: boolean }) {
  const t = useT();
  const locale = useLocale();
  return (
    <>
      <div className="row">
        <FreshLink className="x-button" data-variant={primary ? "primary" : "secondary"} href={packFile(pack.id)} download={pack.name ?? true} data-testid="c.pack.download">
          <Download size={20} aria-hidden />
          <span>{t("c.pack.download", { size: fileSize(pack.size ?? 0) })}</span>
        </FreshLink>
        {pack.expires_at && <span className="secondary">{t("c.pack.until", { time: dateTime(parseTime(pack.expires_at), locale) })}</span>}
      </div>
      <p className="secondary c-digest">
        {t("c.pack.sha256")} <code data-testid="c.pack.sha256">{pack.sha256}</code>
      </p>
    </>
  );
}

/** By the ledger, not by this page. */
function Downloads({ pack }: { pack: Pack }) {
  const t = useT();
  const locale = useLocale();
  if (pack.downloads.length === 0) return pack.state === "done" ? <p className="secondary">{t("c.pack.untouched")}</p> : null;
  return (
    <ul className="secondary" data-testid="c.pack.downloads">
      {pack.downloads.map(({ at, person }, i) => (
        <li key={i}>{t("c.pack.downloaded", { name: fullName(person, locale), time: dateTime(parseTime(at), locale) })}</li>
      ))}
    </ul>
  );
}
