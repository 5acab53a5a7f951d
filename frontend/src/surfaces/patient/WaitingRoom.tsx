import { Suspense, useEffect, useRef, useState } from "react";
import { Hourglass } from "lucide-react";
import type { ConsultationDetail } from "@core/consultations";
import { announce } from "@ui/announce";
import { later } from "@ui/later";
import { EmergencyButton } from "@ui/PatientShell";
import { useT } from "./chat/words";

const AlertOffer = later(() => import("@ui/calls/AlertOffer"));

const MINUTE_MS = 60_000;

/** The place in the queue in words. It changes at most once a minute, and a worse place is always explained. */
export function WaitingRoom({ detail }: { detail: ConsultationDetail }) {
  const t = useT();
  const position = useSteady(detail.position, MINUTE_MS);
  const bumped = useGrew(position);
  const words = position === null ? t("p.state.queued") : t("p.queue.position", { count: position });
  useEffect(() => announce(words), [words]);
  return (
    <section className="p-waiting" aria-label={t("p.queue.title")} data-testid="p.queue" data-position={position ?? ""}>
      <p className="p-waiting-line">
        <Hourglass size={20} aria-hidden />
        <strong data-testid="p.queue.position">{words}</strong>
      </p>
      {bumped && <p>{t("p.queue.bumped")}</p>}
      <p>{t("p.queue.leave")}</p>
      <div className="row">
        <span>{t("p.queue.worse")}</span>
        <EmergencyButton />
      </div>
      {detail.may_call && (
        <Suspense>
          <AlertOffer />
        </Suspense>
      )}
    </section>
  );
}

/** Follows a value, but shows a new one no sooner than `pause` after the last. The first is shown at once. */
function useSteady<Value>(value: Value, pause: number): Value {
  const [shown, setShown] = useState(() => ({ value, at: Date.now() }));
  useEffect(() => {
    if (Object.is(value, shown.value)) return;
    const timer = setTimeout(() => setShown({ value, at: Date.now() }), Math.max(0, shown.at + pause - Date.now()));
    return () => clearTimeout(timer);
  }, [value, shown, pause]);
  return shown.value;
}

/** True from the moment a number grew until it next shrinks. */
function useGrew(value: number | null): boolean {
  const before = useRef(value);
  const [grew, setGrew] = useState(false);
  useEffect(() => {
    if (value === before.current) return;
    const was = before.current;
    before.current = value;
    setGrew(value !== null && was !== null && value > was);
  }, [value]);
  return grew;
}
