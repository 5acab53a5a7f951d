import type { Catalog } from "@core/i18n";
import { translator } from "@ui/words";
import type en from "./locales/en.json";

export const useCallWords = translator<keyof typeof en>();

export const callWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
