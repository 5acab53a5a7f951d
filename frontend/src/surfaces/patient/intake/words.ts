import type { Catalog } from "@core/i18n";
import { translator } from "@ui/words";
import type { PatientId } from "../words";
import type en from "./locales/en.json";

/** The words of asking, beside those that every patient has. */
export const useT = translator<PatientId | keyof typeof en>();

export const words: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
