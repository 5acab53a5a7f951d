import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Archive, ClipboardCheck, FileSearch, History, ListTodo, ShieldCheck, Shuffle } from "lucide-react";
import { useSession } from "@ui/live";
import type { NavItem } from "@ui/PatientShell";
import { StaffShell } from "@ui/StaffShell";
import { useEmergencies } from "./Glass";
import { isApprover, isOfficer, listGrants, type Grant } from "./api";
import { useSamples } from "./sampling/api";
import { useT } from "./words";

const LIST_MS = 15_000;

/** Everything I asked for, newest first. */
export function useMine() {
  const on = isOfficer(useSession().roles);
  return useQuery({ queryKey: ["compliance", "mine"], queryFn: () => listGrants("mine"), enabled: on, refetchInterval: LIST_MS });
}

/** What others asked for and I may decide or revoke, newest first. */
export function useToDecide() {
  const on = isApprover(useSession().roles);
  return useQuery({ queryKey: ["compliance", "approve"], queryFn: () => listGrants("approve"), enabled: on, refetchInterval: LIST_MS });
}

/** What waits for my word, and not for that of the second of two after mine. */
export function useForMe(): (grant: Grant) => boolean {
  const me = useSession().person.id;
  return (grant) => grant.state === "waiting" && grant.first?.approver.id !== me;
}

interface PageProps {
  title: string;
  skips?: readonly (readonly [string, string])[];
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the console inside the staff shell, with the places this person may go to. */
export function Page({ title, children, ...shell }: PageProps) {
  const nav = useNav();
  return (
    <StaffShell title={title} nav={nav} {...shell}>
      <div className="c-page">{children}</div>
    </StaffShell>
  );
}

function useNav(): NavItem[] {
  const t = useT();
  const { person, roles } = useSession();
  const alarms = useEmergencies().data ?? [];
  const waiting = (useToDecide().data ?? []).filter(useForMe()).length + alarms.length;
  const integrity: NavItem = { href: "/integrity", label: t("c.nav.integrity"), icon: ShieldCheck, testid: "c.nav.integrity" };
  const officerOrApprover = isOfficer(roles) || isApprover(roles);
  const samples = useSamples(officerOrApprover).data ?? [];
  const toSign = samples.filter(({ state, made_by }) => isApprover(roles) && made_by.id !== person.id && (state === "waiting" || state === "signed")).length;
  const log: NavItem = { href: "/log", label: t("c.nav.log"), icon: History, testid: "c.nav.log" };
  if (!officerOrApprover) return [{ ...integrity, href: "/" }, log];
  const approvals: NavItem = {
    href: "/approvals",
    label: t("c.nav.approvals"),
    icon: ClipboardCheck,
    count: waiting,
    countLabel: t("c.nav.approvals.count", { count: waiting }),
    testid: "c.nav.approvals",
  };
  return [
    { href: "/", label: t("c.nav.worklist"), icon: ListTodo, testid: "c.nav.worklist" },
    { href: "/search", label: t("c.nav.search"), icon: FileSearch, testid: "c.nav.search" },
    ...(isApprover(roles) ? [approvals] : []),
    { href: "/samples", label: t("c.nav.samples"), icon: Shuffle, count: toSign, countLabel: t("c.nav.samples.count", { count: toSign }), testid: "c.nav.samples" },
    log,
    { href: "/retention", label: t("c.nav.keep"), icon: Archive, testid: "c.nav.keep" },
    integrity,
  ];
}
