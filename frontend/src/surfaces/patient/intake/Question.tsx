import { useEffect, useRef, useState, type ReactNode } from "react";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { PatientShell } from "@ui/PatientShell";
import { useT } from "./words";
import type { problemOf, Step } from "./Intake";

interface QuestionProps {
  step: Step;
  number: number;
  count: number;
  back: string;
  problem: ReturnType<typeof problemOf>;
  pending: boolean;
  onNext: () => void;
  children: (error: string | null) => ReactNode;
}

/** One question: its progress, its reason, the answer, and one button. What is missing is said at the top and takes the focus. */
export function Question({ step, number, count, back, problem, pending, onNext, children }: QuestionProps) {
  const t = useT();
  const [tried, setTried] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  const error = tried && problem ? t(problem) : null;
  useEffect(() => {
    if (tried) summary.current?.focus();
  }, [tried]);
  useEffect(() => announce(t("p.intake.progress", { number, count })), [t, number, count]);
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (pending) return;
    if (!problem) return onNext();
    setTried(true);
    summary.current?.focus();
  };
  return (
    <PatientShell title={t(`p.intake.${step}`)} back={back}>
      <form className="p-question" onSubmit={submit} noValidate>
        <p className="secondary" data-testid="p.intake.progress">
          {t("p.intake.progress", { number, count })}
        </p>
        {error && (
          <div className="x-error" role="alert" tabIndex={-1} ref={summary} data-testid="p.intake.error">
            <p>{error}</p>
          </div>
        )}
        <p>{t(`p.intake.${step}.why`)}</p>
        {children(error)}
        <Button type="submit" variant="primary" size="main" pending={pending} data-testid="p.intake.next">
          {step === "check" ? t("p.intake.submit") : t("p.intake.next")}
        </Button>
      </form>
    </PatientShell>
  );
}
