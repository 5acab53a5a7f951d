import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of notices: they arrive with the page that shows them. */
export const useNotices = translator<keyof typeof en>();

export const noticeWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
