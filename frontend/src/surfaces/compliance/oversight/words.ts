import type { Catalog } from "@core/i18n";
import { translator } from "@ui/words";
import type en from "./locales/en.json";

export const useOversight = translator<keyof typeof en>();

export const words: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
