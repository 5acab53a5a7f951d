import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

export const useSecurity = translator<keyof typeof en>();

export const securityWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
