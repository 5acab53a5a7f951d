import { useEffect, useRef, useState } from "react";
import { loadDraft, saveDraft } from "@core/drafts";
import { newClientId } from "@core/ids";
import type { Duration, RedFlag } from "@core/protocol";

/** The intake as far as it has been filled in. It survives reload, crash and sign-out in this browser. */
export interface Answers {
  /** Made once: submitting twice opens one consultation. */
  client_id: string;
  complaint: string;
  duration: Duration | null;
  red_flags: RedFlag[];
  /** "None of these" was ticked: not the same as not answered. */
  none: boolean;
  /** Null: "I do not know whom to ask". */
  department: string | null;
  consents: ("consultation" | "privacy")[];
}

const PLACE = "intake";
const SAVE_AFTER_MS = 400;

export const noAnswers = (): Answers => ({ client_id: newClientId(), complaint: "", duration: null, red_flags: [], none: false, department: null, consents: [] });

export interface Answering {
  /** Null until what was saved has been read. */
  answers: Answers | null;
  change: (part: Partial<Answers>) => void;
  clear: () => Promise<void>;
}

export function useAnswers(owner: string): Answering {
  const [answers, setAnswers] = useState<Answers | null>(null);
  const unsaved = useRef<Answers | null>(null);
  useEffect(() => {
    void readAnswers(owner).then(setAnswers);
    const flush = () => {
      if (unsaved.current) void saveDraft(owner, PLACE, JSON.stringify(unsaved.current));
      unsaved.current = null;
    };
    window.addEventListener("pagehide", flush);
    return () => {
      flush();
      window.removeEventListener("pagehide", flush);
    };
  }, [owner]);
  useEffect(() => {
    if (!unsaved.current) return;
    const timer = setTimeout(() => {
      if (unsaved.current) void saveDraft(owner, PLACE, JSON.stringify(unsaved.current));
      unsaved.current = null;
    }, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [owner, answers]);
  return {
    answers,
    change: (part) =>
      setAnswers((now) => {
        if (!now) return now;
        unsaved.current = { ...now, ...part };
        return unsaved.current;
      }),
    clear: async () => {
      unsaved.current = null;
      await saveDraft(owner, PLACE, "");
    },
  };
}

async function readAnswers(owner: string): Promise<Answers> {
  try {
    const saved = await loadDraft(owner, PLACE);
    return saved ? { ...noAnswers(), ...(JSON.parse(saved) as Partial<Answers>) } : noAnswers();
  } catch {
    return noAnswers(); // Storage may be forbidden: the intake still works, it is only not kept.
  }
}

/** Puts the words of an intake that was not accepted back into the form, under a new client id. */
export async function restoreAnswers(owner: string, part: Partial<Answers>): Promise<void> {
  await saveDraft(owner, PLACE, JSON.stringify({ ...noAnswers(), ...part, consents: [] }));
}
