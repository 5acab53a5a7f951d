import type { Catalog } from "@core/i18n";
import { translator } from "../words";
import type en from "./locales/en.json";

/** Words of the kit that only staff pages use: patients do not download them. */
export type StaffId = keyof typeof en;
export const useStaff = translator<StaffId>();

const staffWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};

/** A surface's own words together with those of the staff kit. */
export function withStaffWords(own: Catalog): Catalog {
  const both = (locale: keyof Catalog) => async () => {
    const [kit, surface] = await Promise.all([staffWords[locale](), own[locale]()]);
    return { messages: { ...kit.messages, ...surface.messages } };
  };
  return { "zh-Hans": both("zh-Hans"), en: both("en") };
}
