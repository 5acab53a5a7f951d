import { Megaphone } from "lucide-react";
import { dateTime } from "@core/format";
import { languageOf } from "../names";
import { useLocale } from "../settings";
import { Chip } from "../Chip";
import { useNotices } from "./words";
import "./notices.css";

export interface NoticeCardProps {
  title: string;
  text: string;
  /** Who sent it; null when that person is not known here. */
  from: string | null;
  /** ms since the epoch */
  at: number;
  unread?: boolean;
  /** Of its heading. */
  level?: 2 | 3;
}

/** A notice exactly as the patient sees it; the author's preview is this same card. */
export function NoticeCard({ title, text, from, at, unread = false, level = 3 }: NoticeCardProps) {
  const t = useNotices();
  const Heading = level === 2 ? "h2" : "h3";
  const locale = useLocale();
  return (
    <article className="card n-card" data-testid="x.notice" data-unread={unread}>
      <Heading className="n-title">
        <Megaphone size={20} aria-hidden />
        <span lang={languageOf(title)}>{title}</span>
        {unread && <Chip tone="info">{t("nt.new")}</Chip>}
      </Heading>
      <p className="own-words" lang={languageOf(text)}>
        {text}
      </p>
      <p className="meta">
        {from ? t("nt.from", { name: from }) : t("nt.from.unknown")} · <time dateTime={new Date(at).toISOString()}>{dateTime(at, locale)}</time>
      </p>
    </article>
  );
}
