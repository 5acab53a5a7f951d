import { lazy, Suspense, useEffect, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom, RequestFailed } from "@core/errors";
import { addCatalog, inLocale } from "@core/i18n";
import { rememberSession, type Session, type Step } from "@core/session";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import { LanguageSwitch } from "@ui/LanguageSwitch";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched, Loading } from "@ui/states";
import { useTitle } from "@ui/title";
import { useUi } from "@ui/words";
import { demoPeople, hospitalHere, signIn, signInAsDemo, ssoProvider, waitingStep, type DemoPerson } from "./api";
import { useT } from "./words";
import "./sign-in.css";

export { words } from "./words";

/** Loaded with its words once a password was right that is not enough. */
const SecondStep = lazy(async () => {
  const [step, { securityWords }] = await Promise.all([import("@ui/security/SecondStep"), import("@ui/security/words")]);
  await addCatalog(securityWords);
  return step;
});

/** Sign in with a password, staff also with a second factor; in a demo, as one of its people with one click. */
export default function SignInSurface() {
  const t = useT();
  const ui = useUi();
  useTitle(t("s.title"));
  const client = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  useReturned(setStep);
  const enter = (session: Session) => void rememberSession(session).then(() => client.setQueryData(["session"], session));
  return (
    <div className="s-page">
      <header className="s-head">
        <p className="s-product">{ui("ui.product")}</p>
        <LanguageSwitch />
      </header>
      <main>
        {step ? (
          <Suspense fallback={<Loading rows={2} />}>
            <SecondStep step={step} onEnter={enter} onBack={() => setStep(null)} />
          </Suspense>
        ) : (
          <>
            <h1>{t("s.title")}</h1>
            <PasswordForm onEnter={enter} onStep={setStep} />
            <SingleSignOn />
            <Emergency />
            <DemoPeople onEnter={enter} />
          </>
        )}
      </main>
    </div>
  );
}

/** Back from the provider of single sign-on with a step left to do. */
function useReturned(onStep: (step: Step) => void): void {
  useEffect(() => {
    if (!new URLSearchParams(window.location.search).has("step")) return;
    window.history.replaceState(null, "", "/");
    waitingStep().then(onStep).catch(() => undefined); // it waits five minutes; then one begins again
  }, [onStep]); // once: the address has no step any more
}

/** Without its number while, or where, the server does not say it. */
function Emergency() {
  const t = useT();
  const { data } = useQuery({ queryKey: ["hospital"], queryFn: hospitalHere, staleTime: Infinity });
  return <p className="secondary">{data ? t("s.emergency", { number: data.emergency }) : t("s.emergency.unknown")}</p>;
}

/** Stands there where the hospital has a provider. A link, because the browser leaves the page for it. */
function SingleSignOn() {
  const t = useT();
  const provider = useQuery({ queryKey: ["sso"], queryFn: ssoProvider, retry: false });
  const [refused] = useState(() => new URLSearchParams(window.location.search).get("sso") === "refused");
  if (!provider.data) return null;
  return (
    <div className="stack">
      {refused && (
        <p className="s-refused" role="alert" data-testid="s.sso.refused">
          {t("s.sso.refused")}
        </p>
      )}
      <a className="x-button" data-variant="secondary" data-size="main" href="/api/session/sso" data-testid="s.sso">
        <span>{t("s.sso", { name: provider.data.name })}</span>
      </a>
    </div>
  );
}

function PasswordForm({ onEnter, onStep }: { onEnter: (session: Session) => void; onStep: (step: Step) => void }) {
  const t = useT();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const entering = useMutation({ mutationFn: () => signIn(login.trim(), password), onSuccess: (answer) => ("step" in answer ? onStep(answer) : onEnter(answer)) });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (login.trim() && password) entering.mutate();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {entering.isError && <ErrorState error={codedFrom(entering.error)} />}
      <TextField
        label={t("s.login")}
        autoComplete="username"
        value={login}
        onChange={(event) => setLogin(event.target.value)}
        error={checked && !login.trim() ? t("s.missing.login") : null}
        data-testid="s.login"
      />
      <TextField
        label={t("s.password")}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={checked && !password ? t("s.missing.password") : null}
        data-testid="s.password"
      />
      <Button type="submit" variant="primary" size="main" pending={entering.isPending} data-testid="s.submit">
        {t("s.submit")}
      </Button>
    </form>
  );
}

/** The server answers 404 unless this is a demo; then there is nothing to show. */
function DemoPeople({ onEnter }: { onEnter: (session: Session) => void }) {
  const t = useT();
  const people = useQuery({ queryKey: ["demo", "people"], queryFn: demoPeople, retry: false });
  const entering = useMutation({ mutationFn: signInAsDemo, onSuccess: onEnter });
  if (people.error instanceof RequestFailed && people.error.status === 404) return null;
  return (
    <section className="stack" aria-labelledby="demo-h">
      <h2 id="demo-h">{t("s.demo")}</h2>
      <p className="secondary">{t("s.demo.note")}</p>
      {entering.isError && <ErrorState error={codedFrom(entering.error)} />}
      <Fetched query={people} isEmpty={(all) => all.length === 0} empty={<EmptyState title={t("s.demo.empty")} />}>
        {(all) => (
          <ul className="s-people">
            {all.map((person) => (
              <li key={person.id}>
                <DemoButton person={person} pending={entering.isPending && entering.variables === person.id} onChoose={() => entering.mutate(person.id)} />
              </li>
            ))}
          </ul>
        )}
      </Fetched>
    </section>
  );
}

function DemoButton({ person, pending, onChoose }: { person: DemoPerson; pending: boolean; onChoose: () => void }) {
  const locale = useLocale();
  return (
    <button type="button" className="s-person" onClick={onChoose} aria-disabled={pending} data-testid="s.demo.person" data-role={person.role} data-name={person.name}>
      <span className="s-person-name">{person.name}</span>
      <span className="secondary">{inLocale(person.note, locale)}</span>
    </button>
  );
}
