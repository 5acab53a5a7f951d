import { api, take } from "./api";
import type { Schemas } from "./protocol";
import { upload, type Upload } from "./upload";

/** A call to make, with the recordings of it. `assigned_to` null: whoever was to make it has left, and it waits for a colleague. */
export type FollowUp = Schemas["FollowUpPage"];
export type RecordingBrief = Schemas["RecordingBrief"];
/** `failure.retry`: the same recording may be tried again. A version without author is the machine's. */
export type Recording = Schemas["RecordingPage"];
export type RecordingState = Recording["state"];
export type Version = Recording["transcripts"][number];
export type Marker = Recording["markers"][number];

export const SPOKEN_LANGUAGES = ["auto", "zh", "en"] as const;
export type SpokenLanguage = (typeof SPOKEN_LANGUAGES)[number];

export const AUDIO_TYPES = ["wav", "mp3", "m4a", "ogg", "webm", "flac"] as const;
export const AUDIO_LIMIT_BYTES = 200 * 1024 * 1024;

const of = (recording_id: string) => ({ params: { path: { recording_id } } });

export const getFollowUps = () => take(api.GET("/api/followups"));
export const planFollowUp = (body: Schemas["NewFollowUp"]) => take(api.POST("/api/followups", { body }));
export const takeFollowUp = (follow_up_id: string) => take(api.POST("/api/followups/{follow_up_id}/take", ofCall(follow_up_id)));
const ofCall = (follow_up_id: string) => ({ params: { path: { follow_up_id } } });
export type NewOutcome = Schemas["NewOutcome"];
export const tellOutcome = (id: string, body: NewOutcome) => take(api.POST("/api/followups/{follow_up_id}/outcomes", { ...ofCall(id), body }));
export const getDeviceKey = (id: string) => take(api.GET("/api/followups/{follow_up_id}/device-key", ofCall(id)));
export const getRecording = (id: string) => take(api.GET("/api/recordings/{recording_id}", of(id)));
export type Peaks = Schemas["PeaksPage"];
export const getPeaks = (id: string) => take(api.GET("/api/recordings/{recording_id}/peaks", of(id)));
export const retryRecording = (id: string) => take(api.POST("/api/recordings/{recording_id}/retry", of(id)));
/** Stops a transcription that waits or runs; `retryRecording` asks for it again. */
export const cancelTranscription = (id: string) => take(api.POST("/api/recordings/{recording_id}/cancel", of(id)));
/** Somebody waits for this one: before all that nobody waits for. */
export const transcribeFirst = (id: string) => take(api.POST("/api/recordings/{recording_id}/first", of(id)));
export const audioUrl = (id: string) => `/api/recordings/${encodeURIComponent(id)}/audio`;

export const isRunning = (state: RecordingState): boolean => state === "queued" || state === "running";

export interface ToSend {
  file: File;
  language: SpokenLanguage;
  /** Sent again under the same id it is the same recording. */
  client_id: string;
  markers: readonly Marker[];
}

/** Sends a recording of a call whose participants agreed aloud. `progress` hears 0..1. */
export function uploadRecording(followUp: string, { file, language, client_id, markers }: ToSend, progress: (part: number) => void): Upload<Recording> {
  const form = new FormData();
  // The short fields first: the server seals the file while it arrives and must know by then what it is for.
  form.set("client_id", client_id);
  form.set("language", language);
  form.set("consent", "spoken");
  form.set("markers", JSON.stringify(markers));
  form.set("file", file, file.name);
  return upload<Recording>(`/api/followups/${encodeURIComponent(followUp)}/recordings`, form, progress);
}

/** Why a file cannot be sent, before anything is sent. */
export function fileProblem(file: { name: string; size: number }): "empty" | "too_large" | "type" | null {
  if (file.size === 0) return "empty";
  if (file.size > AUDIO_LIMIT_BYTES) return "too_large";
  const ending = /\.([^.]+)$/.exec(file.name.toLowerCase())?.[1] ?? "";
  return (AUDIO_TYPES as readonly string[]).includes(ending) ? null : "type";
}
