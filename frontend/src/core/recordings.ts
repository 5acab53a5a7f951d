import { call } from "./call";
import type { PatientBrief } from "./consultations";
import { newClientId } from "./ids";
import type { Bilingual, Person } from "./protocol";
import { upload, type Upload } from "./upload";

export type RecordingState = "receiving" | "queued" | "running" | "done" | "failed" | "needs_review";
export const SPOKEN_LANGUAGES = ["auto", "zh", "en"] as const;
export type SpokenLanguage = (typeof SPOKEN_LANGUAGES)[number];

/** Where the recordings of a follow-up call are kept and heard again. */
export interface RecordingBrief {
  id: string;
  at: string;
  state: RecordingState;
  /** 0..1 of the transcription. */
  progress: number;
  duration_s: number | null;
  language: string;
  lines: number | null;
}

export interface TranscriptBrief {
  version: number;
  /** Null: the machine. */
  author: Person | null;
  model: string | null;
  at: string;
}

export interface Notice {
  code: string;
  message: Bilingual;
}

export interface Recording {
  id: string;
  name: string;
  media_type: string;
  size: number;
  duration_s: number | null;
  channels: number | null;
  uploaded_by: Person;
  at: string;
  followup: string;
  patient: PatientBrief;
  state: RecordingState;
  progress: number;
  /** `retry`: the same recording may be tried again. */
  failure: (Notice & { retry: boolean }) | null;
  language: string;
  warnings: Notice[];
  transcripts: TranscriptBrief[];
  integrity: string;
}

export interface FollowUp {
  id: string;
  patient: PatientBrief;
  title: Bilingual;
  due_at: string;
  state: "due" | "done" | "no_answer";
  origin: string | null;
  recordings: RecordingBrief[];
}

export const AUDIO_TYPES = ["wav", "mp3", "m4a", "ogg", "webm", "flac"] as const;
export const AUDIO_LIMIT_BYTES = 200 * 1024 * 1024;

export const getFollowUps = () => call<FollowUp[]>("GET", "/api/followups");
export const planFollowUp = (body: { patient: string; title: string; due_at: string }) => call<FollowUp>("POST", "/api/followups", { body });
export const getRecording = (id: string) => call<Recording>("GET", "/api/recordings/{id}", { params: { path: { id } } });
export const retryRecording = (id: string) => call<Recording>("POST", "/api/recordings/{id}/retry", { params: { path: { id } } });
export const audioUrl = (id: string) => `/api/recordings/${encodeURIComponent(id)}/audio`;

export const isRunning = (state: RecordingState): boolean => state === "receiving" || state === "queued" || state === "running";

/** Sends a recording of a call whose participants agreed aloud. `progress` hears 0..1. */
export function uploadRecording(followUp: string, file: File, language: SpokenLanguage, progress: (part: number) => void): Upload<Recording> {
  const form = new FormData();
  // The short fields first: the server seals the file while it arrives and must know by then what it is for.
  form.set("client_id", newClientId());
  form.set("language", language);
  form.set("consent", "spoken");
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
