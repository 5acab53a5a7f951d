import type { ReactNode } from "react";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { useSession } from "../live";

interface ConsentQuestionProps {
  title: string;
  yes: string;
  no: string;
  answer: (granted: boolean) => void;
  children: ReactNode;
  testid: string;
}

/** Asks somebody in a call for consent. Both answers look alike. To close it is no answer that could be taken for a yes. */
export function ConsentQuestion({ title, yes, no, answer, children, testid }: ConsentQuestionProps) {
  const patient = useSession().surface === "patient";
  const actions = (
    <>
      <Button size="main" onClick={() => answer(false)} data-testid={`${testid}.no`}>
        {no}
      </Button>
      <Button size="main" onClick={() => answer(true)} data-testid={`${testid}.yes`}>
        {yes}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={() => answer(false)} shape={patient ? "sheet" : "dialog"} actions={actions} testid={`${testid}.sheet`}>
      {children}
    </Dialog>
  );
}
