import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of open conversations: they arrive with the conversation's page, not with the first page. */
export type TalkId = keyof typeof en;
export const useTalkWords = translator<TalkId>();

export const talkWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
