import { useEffect, useId, useRef, useState } from "react";
import { LogOut, ShieldCheck, CircleUserRound } from "lucide-react";
import { inLocale } from "@core/i18n";
import { saveLanguage } from "@core/session";
import { Button, IconButton } from "./Button";
import { LanguageSwitch } from "./LanguageSwitch";
import { useLive } from "./live";
import { fullName } from "./names";
import { Link } from "./router";
import { useLocale } from "./settings";
import { useStaff } from "./staff/words";
import { ThemeSwitch } from "./ThemeSwitch";

/** Who is signed in, and what is theirs alone: a row at a desk, behind one button where there is no room for it. */
export function StaffPerson() {
  const t = useStaff();
  const locale = useLocale();
  const id = useId();
  const { session, signOut } = useLive();
  const { person } = session;
  const { open, toggle, close, box } = useDisclosure();
  return (
    <div className="x-person" ref={box}>
      <IconButton icon={CircleUserRound} label={t("st.me", { name: person.name })} aria-expanded={open} aria-controls={id} onClick={toggle} data-testid="x.me" />
      <div className="x-person-panel" id={id} data-open={open}>
        <p>
          <strong>{fullName(person, locale)}</strong>
          {person.department && <span className="secondary"> {inLocale(person.department, locale)}</span>}
        </p>
        <Link className="x-button" data-variant="secondary" data-size="small" href="/security" onClick={close} data-testid="x.security">
          <ShieldCheck size={20} aria-hidden />
          <span>{t("st.security")}</span>
        </Link>
        <ThemeSwitch />
        <LanguageSwitch onChange={(next) => void saveLanguage(next).catch(() => undefined)} />
        <Button size="small" icon={LogOut} onClick={signOut} data-testid="x.signOut">
          {t("ui.signOut")}
        </Button>
      </div>
    </div>
  );
}

/** Opens and closes at its button; Escape, and a press or the focus anywhere else, close it too. */
function useDisclosure() {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      box.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
      document.removeEventListener("keydown", onKey);
    };
  }, [open]);
  return { open, toggle: () => setOpen(!open), close: () => setOpen(false), box };
}
