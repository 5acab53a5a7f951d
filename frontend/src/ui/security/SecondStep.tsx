import { useEffect, useRef } from "react";
import type { Session, Step } from "@core/session";
import { Button } from "../Button";
import { SetUp } from "./SetUp";
import { ShowFactor } from "./ShowFactor";
import { useSecurity } from "./words";

interface SecondStepProps {
  step: Step;
  onEnter: (session: Session) => void;
  onBack: () => void;
}

/** The second half of a sign-in: to show a factor, or to set up the first one. */
export default function SecondStep({ step, onEnter, onBack }: SecondStepProps) {
  const t = useSecurity();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const show = step.step === "show";
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {show ? t("sc.show.title") : t("sc.setUp.title")}
      </h1>
      <p>{show ? t("sc.show.why") : t("sc.setUp.why")}</p>
      {show ? <ShowFactor methods={step.methods} onShown={onEnter} /> : <SetUp onDone={(session) => (session ? onEnter(session) : onBack())} />}
      <Button variant="quiet" onClick={onBack} data-testid="sc.show.back">
        {t("sc.show.back")}
      </Button>
    </>
  );
}
