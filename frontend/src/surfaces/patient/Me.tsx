import { ChevronRight, FileCheck, FileHeart, Megaphone, MonitorSmartphone, ScanEye, Search, Settings2, ShieldQuestion, UsersRound, type LucideIcon } from "lucide-react";
import { Link } from "@ui/router";
import { Button } from "@ui/Button";
import { useLive } from "@ui/live";
import { PatientShell } from "@ui/PatientShell";
import { useUi } from "@ui/words";
import { useNav } from "./nav";
import { useT } from "./words";

export function Me() {
  const t = useT();
  const ui = useUi();
  const { session, signOut } = useLive();
  return (
    <PatientShell title={t("p.nav.me")} subtitle={session.person.name} nav={useNav()}>
      <ul className="p-menu">
        <MenuLink href="/record" icon={FileHeart} text={t("p.record.title")} testid="p.me.record" />
        <MenuLink href="/notices" icon={Megaphone} text={t("p.notices")} testid="p.me.notices" />
        <MenuLink href="/search" icon={Search} text={t("p.search")} testid="p.me.search" />
        <MenuLink href="/me/access" icon={ScanEye} text={t("p.access.title")} testid="p.me.access" />
        <MenuLink href="/me/sessions" icon={MonitorSmartphone} text={t("p.sessions.title")} testid="p.me.sessions" />
        <MenuLink href="/me/receipts" icon={FileCheck} text={t("p.receipts.title")} testid="p.me.receipts" />
        <MenuLink href="/me/rights" icon={ShieldQuestion} text={t("p.rights.title")} testid="p.me.rights" />
        <MenuLink href="/me/family" icon={UsersRound} text={t("p.family")} testid="p.me.family" />
        <MenuLink href="/me/settings" icon={Settings2} text={t("p.settings.title")} testid="p.me.settings" />
      </ul>
      <Button onClick={signOut} data-testid="x.signOut">
        {ui("ui.signOut")}
      </Button>
    </PatientShell>
  );
}

function MenuLink({ href, icon: Icon, text, testid }: { href: string; icon: LucideIcon; text: string; testid: string }) {
  return (
    <li>
      <Link href={href} data-testid={testid}>
        <Icon size={24} aria-hidden />
        <span>{text}</span>
        <ChevronRight size={20} aria-hidden />
      </Link>
    </li>
  );
}
