import type { Catalog } from "@core/i18n";
import { translator, type UiId } from "../words";
import type en from "./locales/en.json";

/** Words of open conversations: they arrive with the conversation's page, not with the first page. Those of the kit are always there. */
export type TalkId = UiId | keyof typeof en;
export const useTalkWords = translator<TalkId>();

export const talkWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
