import type { ComponentType } from "react";
import { Check, CheckCheck, CircleAlert, Clock3, CloudOff, Eye } from "lucide-react";
import type { MessageStatus } from "@core/timeline";
import { useUi, type UiId } from "./words";

/** Whose words: what the patient reads under an own message, what the doctor reads, or clinicians among themselves. */
export type Reader = "patient" | "staff" | "colleague";

/** A held message has its own line. */
type Shown = Exclude<MessageStatus, "held">;

const LOOK: Record<Shown, [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Record<"patient" | "staff", UiId> & { colleague?: UiId }]> = {
  queued: [CloudOff, { patient: "ui.status.queued.patient", staff: "ui.status.queued.staff" }],
  sending: [Clock3, { patient: "ui.status.sending", staff: "ui.status.sending" }],
  sent: [Check, { patient: "ui.status.sent", staff: "ui.status.sent" }],
  delivered: [CheckCheck, { patient: "ui.status.delivered.patient", staff: "ui.status.delivered.staff" }],
  read: [Eye, { patient: "ui.status.read.patient", staff: "ui.status.read.staff", colleague: "ui.status.read.colleague" }],
  failed: [CircleAlert, { patient: "ui.status.failed.patient", staff: "ui.status.failed.staff" }],
};

/** Icon and word of a message's state. `quiet` leaves the word to screen readers (normal states of older messages). */
export function StatusWords({ status, reader, quiet = false, id }: { status: Shown; reader: Reader; quiet?: boolean; id?: string }) {
  const t = useUi();
  const [Icon, words] = LOOK[status];
  return (
    <span className="x-status" data-status={status} data-testid="x.msg.status" id={id}>
      <Icon size={16} aria-hidden />
      <span className={quiet ? "sr-only" : ""}>{t(words[reader] ?? words.staff)}</span>
    </span>
  );
}
