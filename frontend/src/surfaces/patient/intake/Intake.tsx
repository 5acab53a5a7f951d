import { useState } from "react";
import { Redirect, useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { LIMITS, type CodedError } from "@core/protocol";
import { useLive } from "@ui/live";
import { PatientShell } from "@ui/PatientShell";
import { ErrorState, Loading } from "@ui/states";
import { useT } from "./words";
import { useAnswers, type Answers } from "./answers";
import { CheckStep } from "./CheckStep";
import { Question } from "./Question";
import { DepartmentStep, DurationStep, SafetyStep, WordsStep } from "./steps";

export const STEPS = ["words", "duration", "safety", "department", "check"] as const;
export type Step = (typeof STEPS)[number];

/** What is missing from a step, as the id of its message; null when it is complete. */
export function problemOf(step: Step, answers: Answers) {
  if (step === "words") return answers.complaint.trim() === "" ? "p.intake.words.missing" : answers.complaint.length > LIMITS.complaint ? "p.intake.words.long" : null;
  if (step === "duration") return answers.duration === null ? "p.intake.duration.missing" : null;
  if (step === "safety") return answers.red_flags.length === 0 && !answers.none ? "p.intake.safety.missing" : null;
  if (step === "check") return answers.consents.length < 2 ? "p.intake.check.missing" : null;
  return null;
}

/** Before the consultation: one question per page, every answer kept as it is given. */
export function Intake({ step: asked }: { step: string | undefined }) {
  const t = useT();
  const { session, outbox } = useLive();
  const { answers, change, clear } = useAnswers(session.person.id);
  const [, go] = useLocation();
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<CodedError | null>(null);
  const step = STEPS.find((one) => one === asked);
  if (!step) return <Redirect to={`/ask/${STEPS[0]}`} replace />;
  const at = STEPS.indexOf(step);
  const back = at === 0 ? "/" : `/ask/${STEPS[at - 1] ?? ""}`;
  if (!answers) {
    return (
      <PatientShell title={t("p.home.ask")} back={back}>
        <Loading />
      </PatientShell>
    );
  }
  // A bookmark may skip a question that is not optional.
  const unanswered = STEPS.slice(0, at).find((one) => problemOf(one, answers));
  if (unanswered) return <Redirect to={`/ask/${unanswered}`} replace />;

  const submit = async () => {
    setPending(true);
    const { client_id, complaint, duration, red_flags, department, consents } = answers;
    try {
      await outbox.add({ type: "consultation.open", client_id, complaint, duration: duration ?? "unknown", red_flags, department, consents });
    } catch (error) {
      setFailure(codedFrom(error));
      return setPending(false);
    }
    await clear().catch(() => undefined); // Sent again from there, it is the same consultation.
    go(`/ask/sent/${client_id}`, { replace: true });
  };
  const next = () => {
    if (step === "check") void submit();
    else go(`/ask/${STEPS[at + 1] ?? ""}`);
  };
  const Fields = FIELDS[step];
  return (
    <Question key={step} step={step} number={at + 1} count={STEPS.length} back={back} problem={problemOf(step, answers)} pending={pending} onNext={next}>
      {(error) => (
        <>
          <Fields answers={answers} change={change} error={error} />
          {failure && <ErrorState error={failure} />}
        </>
      )}
    </Question>
  );
}

const FIELDS = { words: WordsStep, duration: DurationStep, safety: SafetyStep, department: DepartmentStep, check: CheckStep };
