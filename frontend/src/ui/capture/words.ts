import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of recorded calls: they arrive with the first question whether a call may be recorded. */
export const useCaptureWords = translator<keyof typeof en>();

export const captureWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
