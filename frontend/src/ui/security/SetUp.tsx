import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { KeyRound, Smartphone } from "lucide-react";
import { codedFrom } from "@core/errors";
import type { Session, Step } from "@core/session";
import { Button } from "../Button";
import { TextField } from "../fields";
import { ErrorState } from "../states";
import { addKey, beginApp, finishApp, type NewApp, type SetUp as Made } from "./api";
import { KeyError } from "./KeyError";
import { hasPasskeys } from "./passkey";
import { RecoveryCodes } from "./RecoveryCodes";
import { useSecurity } from "./words";
import "./security.css";

/** Adds a second factor: an authenticator app or a passkey. The first one brings recovery codes, which are shown once.
 * `onDone` has the session, or the step that is left, where a sign-in waited for this. */
export function SetUp({ onDone }: { onDone: (next: Session | Step | null) => void }) {
  const [made, setMade] = useState<Made | null>(null);
  const added = (result: Made) => (result.recovery_codes ? setMade(result) : onDone(result.session ?? result.step));
  if (made?.recovery_codes) return <RecoveryCodes codes={made.recovery_codes} onKept={() => onDone(made.session ?? made.step)} />;
  return <Choose onAdded={added} />;
}

function Choose({ onAdded }: { onAdded: (made: Made) => void }) {
  const t = useSecurity();
  const beginning = useMutation({ mutationFn: beginApp });
  const [naming, setNaming] = useState(false);
  if (beginning.data) return <AppForm app={beginning.data} onAdded={onAdded} />;
  if (naming) return <KeyForm onAdded={onAdded} />;
  return (
    <div className="stack" data-testid="sc.setUp">
      {beginning.isError && <ErrorState error={codedFrom(beginning.error)} />}
      <Button size="main" icon={Smartphone} pending={beginning.isPending} onClick={() => beginning.mutate()} data-testid="sc.setUp.app">
        {t("sc.setUp.app")}
      </Button>
      <p className="secondary">{t("sc.setUp.app.hint")}</p>
      {hasPasskeys() && (
        <>
          <Button size="main" icon={KeyRound} onClick={() => setNaming(true)} data-testid="sc.setUp.passkey">
            {t("sc.setUp.passkey")}
          </Button>
          <p className="secondary">{t("sc.setUp.passkey.hint")}</p>
        </>
      )}
    </div>
  );
}

function AppForm({ app, onAdded }: { app: NewApp; onAdded: (made: Made) => void }) {
  const t = useSecurity();
  const [code, setCode] = useState("");
  const [checked, setChecked] = useState(false);
  const finishing = useMutation({ mutationFn: () => finishApp(code.trim()), onSuccess: onAdded });
  const short = code.trim().length < 6;
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!short) finishing.mutate();
  };
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="sc.app">
      <p>{t("sc.app.scan")}</p>
      <svg className="sc-qr" viewBox={`0 0 ${app.size} ${app.size}`} role="img" aria-label={t("sc.app.picture")} shapeRendering="crispEdges">
        <path d={app.path} />
      </svg>
      <p>
        {t("sc.app.type")} <code className="sc-secret" data-testid="sc.app.secret">{app.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      {finishing.isError && <ErrorState error={codedFrom(finishing.error)} />}
      <TextField
        label={t("sc.app.code")}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={16}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        error={checked && short ? t("sc.code.short") : null}
        data-testid="sc.app.code"
      />
      <Button type="submit" variant="primary" size="main" pending={finishing.isPending} data-testid="sc.app.submit">
        {t("sc.app.submit")}
      </Button>
    </form>
  );
}

function KeyForm({ onAdded }: { onAdded: (made: Made) => void }) {
  const t = useSecurity();
  const [name, setName] = useState(t("sc.passkey.name.usual"));
  const adding = useMutation({ mutationFn: () => addKey(name.trim()), onSuccess: onAdded });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (name.trim()) adding.mutate();
  };
  return (
    <form className="stack" noValidate onSubmit={submit} data-testid="sc.passkey">
      {adding.isError && <KeyError error={adding.error} />}
      <TextField
        label={t("sc.passkey.name")}
        hint={t("sc.passkey.name.hint")}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={name.trim() ? null : t("sc.passkey.name.missing")}
        data-testid="sc.passkey.name"
      />
      <Button type="submit" variant="primary" size="main" icon={KeyRound} pending={adding.isPending} data-testid="sc.passkey.submit">
        {t("sc.passkey.submit")}
      </Button>
    </form>
  );
}
