import type { Catalog } from "@core/i18n";
import { translator } from "@ui/words";
import type en from "./locales/en.json";

export const useReviewWords = translator<keyof typeof en>();

export const reviewWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
