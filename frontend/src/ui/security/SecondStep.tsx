import { useEffect, useRef, useState } from "react";
import type { Session, Step } from "@core/session";
import { Button } from "../Button";
import { ChoosePassword } from "./ChoosePassword";
import { SetUp } from "./SetUp";
import { ShowFactor } from "./ShowFactor";
import { useSecurity } from "./words";

interface SecondStepProps {
  step: Step;
  onEnter: (session: Session) => void;
  onBack: () => void;
}

const WORDS = {
  show: ["sc.show.title", "sc.show.why"],
  set_up: ["sc.setUp.title", "sc.setUp.why"],
  password: ["sc.choose.title", "sc.choose.why"],
} as const;

/** What a sign-in still needs: to show a factor, to set up the first one, then to choose a password where the hospital made the last. */
export default function SecondStep({ step: first, onEnter, onBack }: SecondStepProps) {
  const t = useSecurity();
  const [{ step, methods }, setStep] = useState(first);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [step]);
  const [title, why] = WORDS[step];
  const next = (answer: Session | Step | null) => {
    if (!answer) onBack();
    else if ("step" in answer) setStep(answer);
    else onEnter(answer);
  };
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t(title)}
      </h1>
      <p>{t(why)}</p>
      {step === "show" && <ShowFactor methods={methods} onShown={next} />}
      {step === "set_up" && <SetUp onDone={next} />}
      {step === "password" && <ChoosePassword onChosen={onEnter} />}
      <Button variant="quiet" onClick={onBack} data-testid="sc.show.back">
        {t("sc.show.back")}
      </Button>
    </>
  );
}
