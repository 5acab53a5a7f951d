import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of photos and documents: they arrive with the composer's tools, or with the first message that carries one. */
export type AttachmentId = keyof typeof en;
export const useAttachmentWords = translator<AttachmentId>();

export const attachmentWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
