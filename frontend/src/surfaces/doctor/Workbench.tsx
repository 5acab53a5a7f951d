import { useState, type ReactNode } from "react";
import { ClipboardList, Inbox, Keyboard, Megaphone, MessagesSquare, Search as SearchIcon, Settings, UsersRound } from "lucide-react";
import { Button } from "@ui/Button";
import type { NavItem } from "@ui/PatientShell";
import { go } from "@ui/router";
import { StaffShell } from "@ui/StaffShell";
import { useKeys } from "@ui/staff/keys";
import { useQueue } from "./queue/useQueue";
import { ShortcutSheet } from "./ShortcutSheet";
import { useSideBell, useSides } from "./side/useSides";
import { useT } from "./words";
import "./workbench.css";

interface WorkbenchProps {
  title: string;
  tabTitle?: string;
  skips?: readonly (readonly [string, string])[];
  /** The panes scroll by themselves. */
  fill?: boolean;
  children: ReactNode;
}

/** A page of the workbench: rail, header, shortcut sheet. The tab counts who waits for my answer. */
export function Workbench({ title, tabTitle = title, ...shell }: WorkbenchProps) {
  const t = useT();
  const [sheet, setSheet] = useState(false);
  const waiting = useQueue().data?.needs_reply.length ?? 0;
  const asked = (useSides().data ?? []).reduce((sum, side) => sum + side.unread, 0);
  useSideBell();
  useKeys({ "Ctrl+Slash": () => setSheet(true), "Ctrl+KeyK": () => go("/search") });
  const nav: NavItem[] = [
    { href: "/", label: t("d.nav.queue"), icon: Inbox, count: waiting, countLabel: t("d.nav.queue.count", { count: waiting }), testid: "d.nav.queue" },
    { href: "/sides", label: t("d.nav.sides"), icon: MessagesSquare, count: asked, countLabel: t("d.row.unread", { count: asked }), testid: "d.nav.sides" },
    { href: "/search", label: t("d.nav.search"), icon: SearchIcon, testid: "d.nav.search" },
    { href: "/followups", label: t("d.nav.followups"), icon: ClipboardList, testid: "d.nav.followups" },
    { href: "/patients", label: t("d.nav.patients"), icon: UsersRound, testid: "d.nav.patients" },
    { href: "/broadcasts", label: t("d.nav.broadcasts"), icon: Megaphone, testid: "d.nav.broadcasts" },
    { href: "/settings", label: t("d.nav.settings"), icon: Settings, testid: "d.nav.settings" },
  ];
  const actions = (
    <Button className="d-shortcuts" size="small" icon={Keyboard} onClick={() => setSheet(true)} aria-keyshortcuts="Control+/" data-testid="d.shortcuts.open">
      {t("d.shortcuts")}
    </Button>
  );
  return (
    <>
      <StaffShell title={title} tabTitle={waiting ? `(${waiting}) ${tabTitle}` : tabTitle} nav={nav} actions={actions} {...shell} />
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
    </>
  );
}
