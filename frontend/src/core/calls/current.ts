import { Emitter } from "../emitter";
import type { CodedError, FrameOf } from "../protocol";

/** The page's one call, as everything outside the engine sees it. This file is small and in every page; the engine (`calls.ts`) comes with
 * the first ring or click and writes here. */

export type Medium = FrameOf<"call.incoming">["media"][number];
export type Quality = FrameOf<"peer.quality">["quality"];
export type Recording = FrameOf<"recording.state">;
export type Captions = FrameOf<"captions.state">;
export type IceServer = FrameOf<"ice.servers">["ice"][number];

/** checking: the devices are tried before ringing or answering. asking: the browser asks for them. calling: the other side rings, or is about
 * to. ringing: somebody rings here. connecting: answered, no sound yet. connected: sound flows, or did and is on its way back (`trouble`). */
export type Stage = "checking" | "asking" | "calling" | "ringing" | "connecting" | "connected" | "ended";

/** What keeps both from hearing each other: this device's way to the server, the way of the sound, or the other's connection. */
export type Trouble = "server" | "media" | "peer";

/** Why a device does not work. `insecure`: the page came without TLS, where browsers have no devices at all. */
export type DeviceProblem = "denied" | "missing" | "busy" | "insecure" | "failed";

/** What one side sends now. */
export interface Sending {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

/** As the server said it; before it had a name, or without a server, made here with `call: null`. */
export interface Ended {
  state: FrameOf<"call.ended">["state"];
  reason: string;
  /** The person; null: a time ran out. */
  by: string | null;
  duration_s: number | null;
}

export interface CallState {
  /** The server's id; null until it has given one. */
  call: string | null;
  consultation: string;
  direction: "in" | "out";
  /** The person at the other end; null while it is not known who will answer. */
  peer: string | null;
  /** This tab's name for the server: the same after a reload. */
  device: string;
  stage: Stage;
  /** What was asked for; after acceptance, what was agreed. */
  media: readonly Medium[];
  /** A device of the other side shows the call. */
  rings: boolean;
  /** Rings until then, ms since the epoch. */
  until: number | null;
  /** Answered then, ms since the epoch. */
  at: number | null;
  own: Sending;
  theirs: Sending;
  /** How well this device hears and sees the other, and the other this one; null until it is known. */
  quality: Quality | null;
  theirQuality: Quality | null;
  trouble: Trouble | null;
  /** When the trouble began, ms since the epoch. */
  troubleSince: number | null;
  /** The other device comes back until then, or the call ends. */
  awayUntil: number | null;
  /** This device's microphone and camera (or screen). A new object whenever one of its tracks is another; muting only disables a track. */
  local: MediaStream | null;
  remote: MediaStream | null;
  /** Microphone and camera that do not work. */
  micProblem: DeviceProblem | null;
  cameraProblem: DeviceProblem | null;
  /** The camera was turned off because the connection carries no more. */
  thinned: boolean;
  /** The last `recording.state` of this call; null while nobody has asked. Capture `local` while it is `on`, and at no other time. */
  recording: Recording | null;
  /** This hospital offers live captions. */
  captionable: boolean;
  /** Whose voice is captioned; null while nobody has asked. */
  captions: Captions | null;
  ended: Ended | null;
  error: CodedError | null;
}

/** What makes a page load the engine. `resume`: this tab was reloaded during a call. */
export type Wish =
  | { type: "incoming"; frame: FrameOf<"call.incoming"> }
  | { type: "invite"; consultation: string; media: readonly Medium[]; check: boolean }
  | { type: "resume"; kept: Kept };

let current: CallState | null = null;
const changes = new Emitter<CallState | null>();
const wishes = new Emitter<Wish>();

/** null: no call. A call that is over stays until whoever had it closes it. */
export const currentCall = (): CallState | null => current;

/** Told at every change with the whole new state; states are never changed in place. */
export const onCall = (listener: (call: CallState | null) => void): (() => void) => changes.add(listener);

/** Only the engine calls this. */
export function showCall(call: CallState | null): void {
  current = call;
  changes.emit(call);
}

/** Ring the other side of a case; `check`: try the devices first. Nothing happens while there is a call. */
export function askForCall(consultation: string, media: readonly Medium[], check = false): void {
  wishes.emit({ type: "invite", consultation, media, check });
}

export const onWish = (listener: (wish: Wish) => void): (() => void) => wishes.add(listener);

/** True from the ring or click to the end: another call would have to wait. */
export const isBusy = (call: CallState | null = current): boolean => call !== null && call.stage !== "ended";

const plans = new Emitter<string>();

/** Find a time for a call about this case: opens the page's one dialog for it. */
export const askForTime = (consultation: string): void => plans.emit(consultation);

export const onTimeAsked = (listener: (consultation: string) => void): (() => void) => plans.add(listener);

const KEY = "xinqiao.call";

/** Which call this tab is in and what it sends, for the page after a reload. */
export interface Kept {
  call: string;
  own: Sending;
}

export function rememberCall(kept: Kept | null): void {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage a reload ends the call after the server's grace.
  }
}

export function rememberedCall(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

/** What this browser lacks for calls, or null. */
export function missingForCalls(): "insecure" | "unsupported" | null {
  if (!window.isSecureContext) return "insecure";
  return typeof RTCPeerConnection === "undefined" || !("mediaDevices" in navigator) ? "unsupported" : null;
}
