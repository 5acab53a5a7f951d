import { LATEST_MS, SOONEST_MS } from "@core/scheduled";

const HOUR_MS = 3600_000;

export type PresetId = "hour" | "evening" | "morning" | "monday";

export interface Preset {
  id: PresetId;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Usual moments to send something later, in the reader's own time zone; those that are too near are left out. */
export function presets(now: number): Preset[] {
  const at = (days: number, hour: number) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return date.setHours(hour, 0, 0, 0);
  };
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  const all: Preset[] = [
    { id: "hour", at: now + HOUR_MS },
    { id: "evening", at: at(0, 18) },
    { id: "morning", at: at(1, 8) },
    { id: "monday", at: at(toMonday, 8) },
  ];
  return all.filter((one, i) => one.at >= now + SOONEST_MS && all.findIndex((other) => other.at === one.at) === i);
}

/** Why a moment cannot be chosen; null when it can. */
export function problemOf(at: number, now: number): "missing" | "early" | "late" | null {
  if (Number.isNaN(at)) return "missing";
  if (at < now + SOONEST_MS) return "early";
  return at > now + LATEST_MS ? "late" : null;
}

/** What a datetime-local field shows and gives back: "2026-11-23T08:00", local time. */
export function toField(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

export const fromField = (value: string): number => (value ? new Date(value).getTime() : Number.NaN);
