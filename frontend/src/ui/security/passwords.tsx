import { useEffect, useRef, useState, type ReactNode } from "react";
import { codedFrom } from "@core/errors";
import { inLocale } from "@core/i18n";
import { Checkbox, TextField } from "../fields";
import { ErrorState } from "../states";
import { useSecurity } from "./words";

/** In characters, as the server counts them. */
const LEAST = 12;
const MOST = 256;

const lengthOf = (text: string) => Array.from(text).length;

interface PasswordFormProps {
  /** Asks for the password that there is, too. */
  change?: boolean;
  failure: unknown;
  onSubmit: (next: string, old: string) => void;
  children: ReactNode;
}

/** The fields of a new password, hidden until somebody wants to see them. Whatever is to be put right is said at its field. */
export function PasswordForm({ change = false, failure, onSubmit, children }: PasswordFormProps) {
  const t = useSecurity();
  const form = useRef<HTMLFormElement>(null);
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [shown, setShown] = useState(false);
  const [checked, setChecked] = useState(false);
  const refused = failure ? codedFrom(failure) : null;
  const said = (field: string) => (refused?.fields?.[field] ? inLocale(refused.fields[field]) : null);
  const problem = lengthOf(next) < LEAST ? t("sc.password.short", { least: LEAST }) : lengthOf(next) > MOST ? t("sc.password.long", { most: MOST }) : null;
  const missing = change && !old ? t("sc.password.old.missing") : null;
  useEffect(() => {
    if (failure) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [failure]);
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!problem && !missing) return onSubmit(next, old);
    form.current?.querySelectorAll("input")[change && !missing ? 1 : 0]?.focus();
  };
  const common = { type: shown ? "text" : "password", autoCapitalize: "none", spellCheck: false };
  return (
    <form className="stack" noValidate onSubmit={submit} ref={form}>
      {refused && !refused.fields && <ErrorState error={refused} />}
      {change && (
        <TextField
          {...common}
          label={t("sc.password.old")}
          autoComplete="current-password"
          value={old}
          onChange={(event) => setOld(event.target.value)}
          error={checked ? (missing ?? said("old")) : null}
          data-testid="sc.password.old"
        />
      )}
      <TextField
        {...common}
        label={t("sc.password.new")}
        hint={t("sc.password.rule", { least: LEAST, most: MOST })}
        autoComplete="new-password"
        value={next}
        onChange={(event) => setNext(event.target.value)}
        error={checked ? (problem ?? said("new")) : null}
        data-testid="sc.password.new"
      />
      <Checkbox label={t("sc.password.show")} checked={shown} onChange={setShown} data-testid="sc.password.show" />
      {children}
    </form>
  );
}
