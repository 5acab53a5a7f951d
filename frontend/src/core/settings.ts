import { Emitter } from "./emitter";

export const LOCALES = ["zh-Hans", "en"] as const;
export type Locale = (typeof LOCALES)[number];
export type Theme = "system" | "light" | "dark";
export type Mode = "standard" | "elder";
/** Body sizes 16, 18, 20, 24, 30 px. */
export type FontStep = 0 | 1 | 2 | 3 | 4;

export interface Settings {
  locale: Locale;
  /** Chosen on this device; until then the language of the account counts. */
  localeChosen: boolean;
  theme: Theme;
  mode: Mode;
  fontStep: FontStep;
  /** Desktop: Enter sends and Shift+Enter starts a line; otherwise the other way round. */
  enterSends: boolean;
  /** Clinicians: how long a sent message can be called back, in seconds. */
  undoSeconds: 0 | 5 | 10;
}

const KEY = "xinqiao.settings";
const DEFAULTS: Settings = { locale: "zh-Hans", localeChosen: false, theme: "system", mode: "standard", fontStep: 0, enterSends: true, undoSeconds: 5 };
const changes = new Emitter<Settings>();

let current = read();

function read(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return DEFAULTS; // Storage may be forbidden or hold something else; the defaults always work.
  }
}

export function settings(): Settings {
  return current;
}

export function onSettings(listener: (value: Settings) => void): () => void {
  return changes.add(listener);
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // The choice still holds for this page.
  }
  applySettings();
  changes.emit(current);
}

/** Elder mode starts at 20 px and never goes below 18. */
export function elderSwitch(on: boolean): Partial<Settings> {
  return on ? { mode: "elder", fontStep: 2 } : { mode: "standard", fontStep: 0 };
}

/** Writes the choices where the style sheets look: attributes of <html>. */
export function applySettings(): void {
  const root = document.documentElement;
  root.lang = current.locale;
  root.dataset["mode"] = current.mode;
  root.dataset["fontStep"] = String(current.mode === "elder" ? Math.max(1, current.fontStep) : current.fontStep);
  if (current.theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = current.theme;
}
