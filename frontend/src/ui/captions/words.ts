import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of live captions: they arrive with the first call of a hospital that offers them. */
export const useCaptionWords = translator<keyof typeof en>();

export const captionWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
