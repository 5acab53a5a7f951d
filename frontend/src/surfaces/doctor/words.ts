import type { Catalog } from "@core/i18n";
import { withStaffWords } from "@ui/staff/words";
import { translator } from "@ui/words";
import type en from "./locales/en.json";

export type DoctorId = keyof typeof en;
export const useT = translator<DoctorId>();

export const words: Catalog = withStaffWords({
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
});
