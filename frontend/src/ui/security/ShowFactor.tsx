import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { codedFrom } from "@core/errors";
import type { Session, Step } from "@core/session";
import { Button } from "../Button";
import { TextField } from "../fields";
import { ErrorState } from "../states";
import { showCode, showKey, type Methods } from "./api";
import { KeyError } from "./KeyError";
import { hasPasskeys } from "./passkey";
import { useSecurity } from "./words";
import "./security.css";

/** Shows a second factor: a code of the app, a recovery code, or a passkey. `onShown` has the session, or the step of a sign-in that is left. */
export function ShowFactor({ methods, onShown }: { methods: Methods; onShown: (next: Session | Step) => void }) {
  const t = useSecurity();
  const withKey = methods.includes("passkey") && hasPasskeys();
  const key = useMutation({ mutationFn: showKey, onSuccess: onShown });
  return (
    <div className="stack" data-testid="sc.show">
      {withKey && (
        <>
          {key.isError && <KeyError error={key.error} />}
          <Button variant="primary" size="main" icon={KeyRound} pending={key.isPending} onClick={() => key.mutate()} data-testid="sc.show.passkey">
            {t("sc.show.passkey")}
          </Button>
        </>
      )}
      <CodeForm app={methods.includes("totp")} second={withKey} onShown={onShown} />
    </div>
  );
}

function CodeForm({ app, second, onShown }: { app: boolean; second: boolean; onShown: (next: Session | Step) => void }) {
  const t = useSecurity();
  const [code, setCode] = useState("");
  const [checked, setChecked] = useState(false);
  const showing = useMutation({ mutationFn: () => showCode(code.trim()), onSuccess: onShown });
  const short = code.trim().length < 6;
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!short) showing.mutate();
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      {showing.isError && <ErrorState error={codedFrom(showing.error)} />}
      <TextField
        label={app ? t("sc.show.code") : t("sc.show.recovery")}
        hint={app ? t("sc.show.code.hint") : t("sc.show.recovery.hint")}
        autoComplete="one-time-code"
        inputMode={app ? "numeric" : "text"}
        maxLength={16}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        error={checked && short ? t("sc.code.short") : null}
        data-testid="sc.show.code"
      />
      <Button type="submit" variant={second ? "secondary" : "primary"} size="main" pending={showing.isPending} data-testid="sc.show.submit">
        {t("sc.show.submit")}
      </Button>
    </form>
  );
}
