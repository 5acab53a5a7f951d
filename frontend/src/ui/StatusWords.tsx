import type { ComponentType } from "react";
import { Check, CheckCheck, CircleAlert, Clock3, CloudOff, Eye } from "lucide-react";
import type { MessageStatus } from "@core/timeline";
import { useTalkWords, type TalkId } from "./talk/words";

/** Whose words: what the patient reads under an own message, what the doctor reads, or clinicians among themselves. */
export type Reader = "patient" | "staff" | "colleague";

/** A held message has its own line. */
type Shown = Exclude<MessageStatus, "held">;

const LOOK: Record<Shown, [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Record<"patient" | "staff", TalkId> & { colleague?: TalkId }]> = {
  queued: [CloudOff, { patient: "tk.status.queued.patient", staff: "tk.status.queued.staff" }],
  sending: [Clock3, { patient: "tk.status.sending", staff: "tk.status.sending" }],
  sent: [Check, { patient: "tk.status.sent", staff: "tk.status.sent" }],
  delivered: [CheckCheck, { patient: "tk.status.delivered.patient", staff: "tk.status.delivered.staff" }],
  read: [Eye, { patient: "tk.status.read.patient", staff: "tk.status.read.staff", colleague: "tk.status.read.colleague" }],
  failed: [CircleAlert, { patient: "tk.status.failed.patient", staff: "tk.status.failed.staff" }],
};

/** Icon and word of a message's state. `quiet` leaves the word to screen readers (normal states of older messages). */
export function StatusWords({ status, reader, quiet = false, id }: { status: Shown; reader: Reader; quiet?: boolean; id?: string }) {
  const t = useTalkWords();
  const [Icon, words] = LOOK[status];
  return (
    <span className="x-status" data-status={status} data-testid="x.msg.status" id={id}>
      <Icon size={16} aria-hidden />
      <span className={quiet ? "sr-only" : ""}>{t(words[reader] ?? words.staff)}</span>
    </span>
  );
}
