import type { Catalog } from "@core/i18n";
import { translator } from "@ui/words";
import type en from "./locales/en.json";

export type PatientId = keyof typeof en;
export const useT = translator<PatientId>();

export const words: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
