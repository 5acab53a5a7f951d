import { Suspense, type ReactNode } from "react";
import type { CallState } from "@core/calls/current";
import { later } from "../later";

const Mark = later(() => import("../capture/Mark"));
const Control = later(() => import("../capture/Control"));
const Sheet = later(() => import("../capture/Sheet"));
const CaptionControl = later(() => import("../captions/CaptionControl"));
const CaptionQuestion = later(() => import("../captions/CaptionQuestion"));
const CaptionLines = later(() => import("../captions/CaptionLines"));

/** Where recording and captions of a call plug into its window. Each gets the call's state and draws itself, or nothing. They are mounted
 * from acceptance to the end, in every shape of the window, on both sides. */
type Slot = (props: { call: CallState }) => ReactNode;

/** In the head of the window, beside the clock: the red dot with "正在录音" while it runs. */
export const RecordingMark: Slot = ({ call }) => call.recording?.state === "on" && <Suspense><Mark /></Suspense>;

/** Among the controls: ask for a recording, stop it. */
export const RecordingControl: Slot = ({ call }) => <Suspense><Control call={call} /></Suspense>;

/** Over the window: the consent sheet, and in words what the others answered. */
export const RecordingSheet: Slot = ({ call }) => <Suspense><Sheet call={call} /></Suspense>;

/** Over the lower edge of the picture: captions. */
export const Captions: Slot = ({ call }) => call.captionable && <Suspense><CaptionLines call={call} /></Suspense>;

/** Among the controls: ask for captions, turn them off. */
export const CaptionsControl: Slot = ({ call }) => call.captionable && <Suspense><CaptionControl call={call} /></Suspense>;

/** Over the window: may one's voice be captioned? */
export const CaptionsSheet: Slot = ({ call }) => call.captionable && <Suspense><CaptionQuestion call={call} /></Suspense>;
