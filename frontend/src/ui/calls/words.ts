import type { Catalog } from "@core/i18n";
import { translator, type UiId } from "@ui/words";
import type en from "./locales/en.json";

export type CallId = UiId | keyof typeof en;
export const useCallWords = translator<CallId>();

export const callWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
