import type { ConsultationDetail } from "./consultations";
import type { OutboxFile } from "./db";
import type { CodedError, TimelineEvent } from "./protocol";
import type { Timeline } from "./timeline";

export interface ConversationState {
  detail: ConsultationDetail | null;
  timeline: Timeline;
  loading: boolean;
  /** Whether the server has said how far this person had read, or is not waited for any longer. A kept header is of the last time. */
  settled: boolean;
  loadingOlder: boolean;
  error: CodedError | null;
}

/** What is kept of a conversation for the next start. */
export interface Copy {
  detail: ConsultationDetail;
  events: readonly TimelineEvent[]; // the last page
}

export interface Extras {
  files?: readonly OutboxFile[];
  /** The sequence number of the message that this one answers. */
  reply_to?: number | null;
  /** Colleagues; side threads only. */
  mentions?: readonly string[];
}

/** What was called back, for the composer. */
export interface TakenBack extends Extras {
  text: string;
}
