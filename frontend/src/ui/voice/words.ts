import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of voice notes: they arrive with the first one, or with the button that records one. */
export type VoiceId = keyof typeof en;
export const useVoiceWords = translator<VoiceId>();

export const voiceWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
