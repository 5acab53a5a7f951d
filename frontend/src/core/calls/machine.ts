import { codedFrom } from "../errors";
import type { ServerFrame } from "../protocol";
import type { CallState, Ended, Kept, Medium, Trouble } from "./current";

/** What the server's frames and the page's own acts make of a call. Pure: times come in as `now`, ms since the epoch. */

const SILENT = { audio: false, video: false, screen: false };
const BLANK = {
  call: null,
  peer: null,
  rings: false,
  until: null,
  at: null,
  own: SILENT,
  theirs: SILENT,
  quality: null,
  theirQuality: null,
  trouble: null,
  troubleSince: null,
  awayUntil: null,
  local: null,
  remote: null,
  micProblem: null,
  cameraProblem: null,
  thinned: false,
  recording: null,
  captionable: false,
  captions: null,
  ended: null,
  error: null,
} as const;

export function outgoing(consultation: string, media: readonly Medium[], device: string): CallState {
  return { ...BLANK, consultation, media, device, direction: "out", stage: "asking" };
}

/** The server's clock may be another: how long it rings is counted from here. */
export function incoming(frame: Extract<ServerFrame, { type: "call.incoming" }>, device: string, now: number): CallState {
  const { call, consultation, caller, media, at, until } = frame;
  return { ...BLANK, call, consultation, media, device, peer: caller, direction: "in", stage: "ringing", until: now + until - at };
}

/** A call that this tab was in before it was reloaded; the server's answer says the rest. */
export function resumed({ call, own }: Kept, device: string): CallState {
  return { ...BLANK, call, own, consultation: "", media: [], device, direction: "out", stage: "asking" };
}

/** Answered, and not over. */
export const isOn = ({ stage, at }: CallState): boolean => at !== null && stage !== "ended";

/** The state after a frame; the same object when the frame says nothing about this call. */
export function hear(state: CallState, frame: ServerFrame, now: number): CallState {
  if (!("call" in frame) || state.stage === "ended" || !isOf(state, frame)) return state;
  switch (frame.type) {
    case "call.incoming":
      return state.stage === "ringing" ? { ...state, until: now + frame.until - frame.at } : state;
    case "call.rings":
      return { ...state, rings: true };
    case "call.accepted":
      return accepted(state, frame, now);
    case "call.answered_elsewhere":
      // A device that has taken the call itself is no other device.
      return isOn(state) ? state : over(state, { state: "ended", reason: "elsewhere", by: null, duration_s: null });
    case "call.away":
      return withTrouble({ ...state, awayUntil: frame.until }, "peer", frame.until !== null, now);
    case "call.ended":
      return over(state, { state: frame.state, reason: frame.reason, by: frame.by, duration_s: frame.duration_s });
    case "peer.media":
      return { ...state, theirs: { audio: frame.audio, video: frame.video, screen: frame.screen } };
    case "peer.quality":
      return { ...state, theirQuality: frame.quality };
    case "recording.state":
      return { ...state, recording: frame };
    case "captions.state":
      return { ...state, captions: frame.people.length ? frame : null };
    default:
      return state;
  }
}

/** An invitation that crossed one from the other side, or was answered before the server's receipt for it came, has no name here yet. */
function isOf(state: CallState, frame: { type: string; call?: string | null; consultation?: string | null }): boolean {
  if (state.call !== null) return frame.call === state.call;
  return frame.type === "call.accepted" && frame.consultation === state.consultation;
}

function accepted(state: CallState, frame: Extract<ServerFrame, { type: "call.accepted" }>, now: number): CallState {
  const { call, consultation, peer, media, captions: captionable } = frame;
  const at = state.at ?? (frame.resumed ? Math.min(frame.at, now) : now);
  const stage = state.stage === "connected" ? "connected" : "connecting";
  // Until it says otherwise, the other side sends what was agreed.
  const theirs = state.at === null ? { audio: true, video: media.includes("video"), screen: false } : state.theirs;
  const next = { ...state, captionable, call, consultation, peer, media, at, stage, theirs, direction: frame.polite ? "in" : "out", until: null, error: null } as const;
  return withTrouble(next, "server", false, now);
}

/** One trouble at a time, the one that explains the others first. */
const ORDER: readonly Trouble[] = ["server", "peer", "media"];

export function withTrouble(state: CallState, trouble: Trouble, on: boolean, now: number): CallState {
  if (!on) return state.trouble === trouble ? { ...state, trouble: null, troubleSince: null } : state;
  const before = state.trouble;
  if (before !== null && ORDER.indexOf(before) <= ORDER.indexOf(trouble)) return state;
  return { ...state, trouble, troubleSince: state.troubleSince ?? now };
}

/** The end, as far as this page knows. What the server says of it later counts more. */
export function over(state: CallState, ended: Ended): CallState {
  return { ...state, stage: "ended", ended, trouble: null, troubleSince: null, awayUntil: null, until: null, local: null, remote: null };
}

/** It came to nothing: refused, or not to be reached. */
export function failed(state: CallState, error: unknown): CallState {
  return { ...over(state, { state: "failed", reason: "", by: null, duration_s: null }), error: codedFrom(error) };
}

/** Hung up, or taken back, here. */
export function hungUp(state: CallState, me: string, now: number): CallState {
  const duration_s = state.at === null ? null : Math.max(0, Math.round((now - state.at) / 1000));
  return over(state, { state: state.at === null ? "cancelled" : "ended", reason: "", by: me, duration_s });
}
