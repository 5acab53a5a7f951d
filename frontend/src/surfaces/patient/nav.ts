import { FileHeart, House, MessagesSquare, UserRound } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { getConsultations } from "@core/consultations";
import type { NavItem } from "@ui/PatientShell";
import { useSettings } from "@ui/settings";
import { useT } from "./words";

export function useConsultations() {
  return useQuery({ queryKey: ["consultations"], queryFn: getConsultations });
}

/** The bottom bar: four items, three in elder mode. The badge counts human replies only. */
export function useNav(): NavItem[] {
  const t = useT();
  const { mode } = useSettings();
  const count = (useConsultations().data ?? []).reduce((sum, one) => sum + one.unread, 0);
  const items: NavItem[] = [
    { href: "/", label: t("p.nav.home"), icon: House, testid: "p.nav.home" },
    { href: "/messages", label: t("p.nav.messages"), icon: MessagesSquare, count, countLabel: t("p.unread", { count }), testid: "p.nav.messages" },
    { href: "/record", label: t("p.nav.record"), icon: FileHeart, testid: "p.nav.record" },
    { href: "/me", label: t("p.nav.me"), icon: UserRound, testid: "p.nav.me" },
  ];
  return mode === "elder" ? items.filter((item) => item.href !== "/record") : items;
}
