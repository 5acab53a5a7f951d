import type { DeviceProblem, Quality, Recording, Sending } from "../calls/current";
import type { CodedError, FrameOf } from "../protocol";

/** A room that is there, or the one of a conversation, which may have to be opened. */
export type Target = { room: string } | { thread: string };

export interface Sitter {
  person: string;
  state: FrameOf<"room.state">["sitters"][number]["state"];
  /** What their device said that it sends; null until it did. */
  sends: Sending | null;
  stream: MediaStream | null;
}

/** entering: the devices and the seat are asked for. in: seated; `flows` once sound can leave. over: left, put out, refused, or closed. */
export interface RoomView {
  stage: "entering" | "in" | "over";
  room: string | null;
  thread: string | null;
  /** Everybody else. */
  sitters: readonly Sitter[];
  own: Sending;
  local: MediaStream | null;
  micProblem: DeviceProblem | null;
  cameraProblem: DeviceProblem | null;
  flows: boolean;
  /** How well this device hears the others; null until it is known. */
  quality: Quality | null;
  /** Of the devices of calls: a room turns no camera off by itself. */
  thinned: boolean;
  recording: Recording | null;
  at: number | null;
  /** Of `call.ended`; "elsewhere" where another device of this person took the seat; "refused" where `error` says why there is none. */
  reason: string | null;
  error: CodedError | null;
}

export const EMPTY: RoomView = {
  stage: "entering", room: null, thread: null, sitters: [], own: { audio: false, video: false, screen: false }, local: null, micProblem: null,
  cameraProblem: null, flows: false, quality: null, thinned: false, recording: null, at: null, reason: null, error: null,
};
