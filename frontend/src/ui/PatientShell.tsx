import { useEffect, useRef, useState, type ComponentType, type ReactNode } from "react";
import { ArrowLeft, CircleQuestionMark, Phone, Siren } from "lucide-react";
import { hasMoved, Link, useLocation } from "./router";
import { inLocale } from "@core/i18n";
import { Button } from "./Button";
import { CountBadge } from "./Chip";
import { ConnectionStrip } from "./ConnectionStrip";
import { Dialog } from "./Dialog";
import { useSession } from "./live";
import { useLocale } from "./settings";
import { useTitle } from "./title";
import { useUi } from "./words";
import "./shell.css";

/** A telephone number stays on one line. */
const UNBROKEN_HYPHEN = "\u2011";

export interface NavItem {
  href: string;
  label: string;
  icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  count?: number;
  countLabel?: string;
  testid?: string;
}

export interface PatientShellProps {
  title: string;
  /** Under the title: who, department, when an answer is to be expected. */
  subtitle?: ReactNode;
  /** Beside the title: the page's own act. */
  action?: ReactNode;
  /** Where "back" goes; none on the pages of the bottom bar. */
  back?: string | (() => void);
  /** The bottom bar; left out on one-question pages. */
  nav?: readonly NavItem[];
  /** The page fills the screen and scrolls inside (conversation). */
  fill?: boolean;
  children: ReactNode;
}

/** Every patient page: skip link, header with title, emergency and help always in the same place, content, bottom bar. */
export function PatientShell({ title, subtitle, action, back, nav, fill = false, children }: PatientShellProps) {
  const t = useUi();
  useTitle(title);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    // The link that was followed is gone with its page; without this the keyboard would start again at the top.
    if (hasMoved() && (!document.activeElement || document.activeElement === document.body)) main.current?.focus();
  }, []);
  return (
    <div className="x-patient" data-fill={fill}>
      <a className="skip-link" href="#main">
        {t("ui.skip.main")}
      </a>
      <header className="x-patient-head" data-back={back !== undefined}>
        {back !== undefined && <Back to={back} />}
        <div className="x-patient-title">
          <div>
            <h1>{title}</h1>
            {subtitle && <p className="secondary">{subtitle}</p>}
          </div>
          {action}
        </div>
        <div className="x-patient-aid">
          <EmergencyButton />
          <HelpButton />
        </div>
      </header>
      <ConnectionStrip />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {nav && <BottomBar items={nav} />}
    </div>
  );
}

function Back({ to }: { to: string | (() => void) }) {
  const t = useUi();
  const [, go] = useLocation();
  return (
    <Button className="x-back" icon={ArrowLeft} onClick={typeof to === "string" ? () => go(to) : to} data-testid="p.back">
      {t("ui.back")}
    </Button>
  );
}

function BottomBar({ items }: { items: readonly NavItem[] }) {
  const t = useUi();
  const [here] = useLocation();
  return (
    <nav className="x-bottom" aria-label={t("ui.nav.main")}>
      {items.map(({ href, label, icon: Icon, count = 0, countLabel = "", testid }) => (
        <Link key={href} href={href} aria-current={isHere(here, href) ? "page" : undefined} data-testid={testid}>
          <Icon size={24} aria-hidden />
          <span>{label}</span>
          <CountBadge count={count} label={countLabel} />
        </Link>
      ))}
    </nav>
  );
}

export function isHere(here: string, href: string): boolean {
  return href === "/" ? here === "/" : here === href || here.startsWith(`${href}/`);
}

/** Where the sheet is open. The frame of a page that is on its way gives way to that of the page, and what was tapped meanwhile stays. */
let sheetAt: string | null = null;

export function EmergencyButton() {
  const t = useUi();
  const [here] = useLocation();
  const [open, setOpen] = useState(sheetAt === here);
  useEffect(() => {
    sheetAt = open ? here : null;
  }, [open, here]);
  return (
    <>
      <Button className="x-emergency-button" icon={Siren} aria-haspopup="dialog" onClick={() => setOpen(true)} data-testid="p.emergency">
        {t("ui.emergency")}
      </Button>
      {open && <EmergencySheet onClose={() => setOpen(false)} />}
    </>
  );
}

/** One tap from every patient page; everything on it is in the page already, so it works offline. */
function EmergencySheet({ onClose }: { onClose: () => void }) {
  const t = useUi();
  const { hospital } = useSession();
  return (
    <Dialog title={t("ui.emergency.title")} shape="sheet" onClose={onClose} testid="p.emergency.sheet">
      <a className="x-button" data-variant="emergency" data-size="main" href={`tel:${hospital.emergency}`} data-testid="p.emergency.call">
        <Phone size={20} aria-hidden />
        {t("ui.emergency.call", { number: hospital.emergency })}
      </a>
      <h3>{t("ui.emergency.say")}</h3>
      <ol className="x-numbered">
        <li>{t("ui.emergency.say.where")}</li>
        <li>{t("ui.emergency.say.who")}</li>
        <li>{t("ui.emergency.say.what")}</li>
        <li>{t("ui.emergency.say.stay")}</li>
      </ol>
      <PhoneLine />
    </Dialog>
  );
}

function HelpButton() {
  const t = useUi();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className="x-help-button" icon={CircleQuestionMark} aria-haspopup="dialog" onClick={() => setOpen(true)} data-testid="p.help">
        {t("ui.help")}
      </Button>
      {open && (
        <Dialog title={t("ui.help.title")} shape="sheet" onClose={() => setOpen(false)} testid="p.help.sheet">
          <PhoneLine />
          <h3>{t("ui.help.how")}</h3>
          <ol className="x-numbered">
            <li>{t("ui.help.how.ask")}</li>
            <li>{t("ui.help.how.wait")}</li>
            <li>{t("ui.help.how.reply")}</li>
          </ol>
        </Dialog>
      )}
    </>
  );
}

function PhoneLine() {
  const t = useUi();
  const locale = useLocale();
  const { hospital } = useSession();
  if (!hospital.phone) return null;
  return (
    <a className="x-button" data-size="main" href={`tel:${hospital.phone}`}>
      <Phone size={20} aria-hidden />
      {t("ui.help.call", { hospital: inLocale(hospital.name, locale), number: hospital.phone.replaceAll("-", UNBROKEN_HYPHEN) })}
    </a>
  );
}
