import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { Link, useLocation } from "./router";
import { CountBadge } from "./Chip";
import { ConnectionStrip } from "./ConnectionStrip";
import { isHere, type NavItem } from "./PatientShell";
import { StaffPerson } from "./StaffPerson";
import { useTitle } from "./title";
import { useUi } from "./words";
import "./shell.css";

const StepUpHost = lazy(() => import("./security/StepUpHost"));

export interface StaffShellProps {
  title: string;
  /** The browser's tab, when it says more than the heading: "(3) 队列". */
  tabTitle?: string;
  nav: readonly NavItem[];
  /** Extra skip links, such as "to the queue": [id of the target, words]. */
  skips?: readonly (readonly [string, string])[];
  /** Buttons at the right end of the header. */
  actions?: ReactNode;
  /** The page fills the screen and its panes scroll by themselves (workbench). */
  fill?: boolean;
  children: ReactNode;
}

/** Every staff page: rail with icon and word (a bar at the bottom of a phone), header of one line, content. F6 goes from region to region. */
export function StaffShell({ title, tabTitle = title, nav, skips = [], actions, fill = false, children }: StaffShellProps) {
  const t = useUi();
  useTitle(tabTitle);
  useStaffSizes();
  useRegionKeys();
  return (
    <div className="x-staff" data-fill={fill}>
      <div className="x-skips">
        {[["main", t("ui.skip.main")] as const, ...skips].map(([id, words]) => (
          <a key={id} className="skip-link" href={`#${id}`}>
            {words}
          </a>
        ))}
      </div>
      <Rail items={nav} />
      <header className="x-staff-head">
        <h1>{title}</h1>
        <div className="x-staff-actions">{actions}</div>
        <StaffPerson />
      </header>
      <ConnectionStrip />
      <main id="main" tabIndex={-1} data-region>
        {children}
      </main>
      <Suspense>
        <StepUpHost />
      </Suspense>
    </div>
  );
}

function Rail({ items }: { items: readonly NavItem[] }) {
  const t = useUi();
  const [here] = useLocation();
  return (
    <nav className="x-rail" aria-label={t("ui.nav.main")} data-region tabIndex={-1}>
      {items.map(({ href, label, icon: Icon, count = 0, countLabel = "", testid }) => (
        <Link key={href} href={href} aria-current={isHere(here, href) ? "page" : undefined} data-testid={testid}>
          <Icon size={22} aria-hidden />
          <span>{label}</span>
          <CountBadge count={count} label={countLabel} />
        </Link>
      ))}
    </nav>
  );
}

/** Staff pages use the compact type scale and targets. */
function useStaffSizes(): void {
  useEffect(() => {
    document.documentElement.dataset["surface"] = "staff";
    return () => {
      delete document.documentElement.dataset["surface"];
    };
  }, []);
}

/** F6 and Shift+F6 (Ctrl+F6 where the browser keeps F6) move between everything marked `data-region`; its value may be a
 * selector of what in it takes the focus. A region that consists of regions is not a stop of its own. */
function useRegionKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F6") return;
      const drawn = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter((one) => one.offsetParent);
      const regions = drawn.filter((one) => !drawn.some((other) => other !== one && one.contains(other)));
      const inside = regions.filter((region) => region.contains(document.activeElement));
      const here = regions.indexOf(inside.at(-1) ?? document.body);
      const next = regions[(here + (event.shiftKey ? -1 : 1) + regions.length) % regions.length];
      if (!next) return;
      event.preventDefault();
      const selector = next.dataset["region"];
      const target = selector && selector !== "true" ? next.querySelector<HTMLElement>(selector) : null;
      (target ?? next).focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
