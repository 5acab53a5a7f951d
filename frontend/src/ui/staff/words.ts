import type { Messages } from "@lingui/core";
import type { Catalog } from "@core/i18n";
import { translator, type UiId } from "../words";
import type en from "./locales/en.json";

/** Words of the kit, and those of it that only staff pages use: patients do not download them. */
export type StaffId = UiId | keyof typeof en;
export const useStaff = translator<StaffId>();

const staffWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};

/** A surface's own words together with those of the staff kit and of `more` owners. */
export function withStaffWords(own: Catalog, ...more: readonly Catalog[]): Catalog {
  const all = (locale: keyof Catalog) => async () => {
    const found = await Promise.all([staffWords, ...more, own].map((catalog) => catalog[locale]()));
    return { messages: Object.assign({}, ...found.map(({ messages }) => messages)) as Messages };
  };
  return { "zh-Hans": all("zh-Hans"), en: all("en") };
}
