import { useEffect, useRef, useState } from "react";
import { addCatalog } from "@core/i18n";
import { confirming } from "@core/api";
import { StepUp } from "./StepUp";
import { securityWords } from "./words";

/** Stands on every staff page: opens the dialog when an act needs a factor shown lately, and lets the act go on after it. */
export default function StepUpHost() {
  const [open, setOpen] = useState(false);
  const answer = useRef<(confirmed: boolean) => void>(() => undefined);
  useEffect(() => {
    let asked: Promise<boolean> | null = null;
    confirming.ask = () =>
      (asked ??= addCatalog(securityWords)
        .then(() => new Promise<boolean>((resolve) => {
          answer.current = resolve;
          setOpen(true);
        }))
        .finally(() => {
          asked = null;
          setOpen(false);
        }));
    return () => {
      confirming.ask = null;
      answer.current(false);
    };
  }, []);
  return open && <StepUp onOver={(confirmed) => answer.current(confirmed)} />;
}
