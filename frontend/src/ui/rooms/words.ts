import type { Catalog } from "@core/i18n";
import { translator, type UiId } from "@ui/words";
import type en from "./locales/en.json";

export const useRoomWords = translator<UiId | keyof typeof en>();

export const roomWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
