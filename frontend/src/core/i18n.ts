import { i18n, type Messages } from "@lingui/core";
import type { Bilingual } from "./protocol";
import { settings, type Locale } from "./settings";

export { i18n };

/** How one owner of words (the kit, a surface) loads its catalog of one language. */
export type Catalog = Record<Locale, () => Promise<{ messages: Messages }>>;

const catalogs: Catalog[] = [];

/** Adds an owner's words to the language in use, which may become another while they are on their way. */
export async function addCatalog(catalog: Catalog): Promise<void> {
  if (catalogs.includes(catalog)) return;
  let locale: Locale;
  do {
    ({ locale } = settings());
    const { messages } = await catalog[locale]();
    i18n.load(locale, messages);
  } while (locale !== settings().locale);
  catalogs.push(catalog);
}

/** Switches the language everywhere, once every catalog in use is there. */
export async function activateLocale(locale: Locale): Promise<void> {
  const loaded = await Promise.all(catalogs.map((catalog) => catalog[locale]()));
  for (const { messages } of loaded) i18n.load(locale, messages);
  i18n.activate(locale);
}

/** The server's words in the reader's language. */
export function inLocale(words: Bilingual, locale: Locale = settings().locale): string {
  return locale === "en" ? words.en : words.zh;
}
