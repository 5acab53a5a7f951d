import type { Catalog } from "@core/i18n";
import { withStaffWords } from "@ui/staff/words";
import { noticeWords } from "@ui/notices/words";
import { searchWords } from "@ui/search/words";
import { talkWords } from "@ui/talk/words";
import { translator } from "@ui/words";
import { callWords } from "./followups/words";
import { reviewWords } from "./review/words";
import type en from "./locales/en.json";

export type DoctorId = keyof typeof en;
export const useT = translator<DoctorId>();

const own: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};

export const words = withStaffWords(own, talkWords, searchWords, noticeWords, callWords, reviewWords);
