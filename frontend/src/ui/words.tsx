import { useLingui } from "@lingui/react";
import type { Catalog } from "@core/i18n";
import type en from "./locales/en.json";

export type Values = Record<string, string | number>;
export type Translate<Id extends string> = (id: Id, values?: Values) => string;

/** Makes a hook that reads an owner's catalog; an id that is not in the catalog does not compile. */
export function translator<Id extends string>(): () => Translate<Id> {
  return function useT() {
    const { i18n } = useLingui();
    return (id, values) => i18n._(id, values);
  };
}

export type UiId = keyof typeof en;
export const useUi = translator<UiId>();

export const uiWords: Catalog = {
  "zh-Hans": () => import("./locales/zh-Hans.json?lingui"),
  en: () => import("./locales/en.json?lingui"),
};
