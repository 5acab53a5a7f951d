import { Megaphone } from "lucide-react";
import { Link } from "@ui/router";
import { useT } from "../words";
import { useOwnNotices } from "./api";

/** The way to the notices, with a quiet dot when one is new; nothing for those who never had any. */
export function NoticesLink() {
  const t = useT();
  const { data } = useOwnNotices();
  if (!data?.consultation) return null;
  return (
    <Link href="/notices" className="x-button p-notices" data-variant="secondary" data-testid="p.home.notices" data-unread={data.unread}>
      <Megaphone size={20} aria-hidden />
      <span>{t("p.notices")}</span>
      {data.unread > 0 && <span className="p-dot">{t("p.notices.unread", { count: data.unread })}</span>}
    </Link>
  );
}
