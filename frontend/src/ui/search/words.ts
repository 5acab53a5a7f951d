import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of searching: they arrive with the page. */
export const useSearchWords = translator<keyof typeof en>();

export const searchWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
