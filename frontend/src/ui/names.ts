import { inLocale } from "@core/i18n";
import type { Duration, Person, RedFlag } from "@core/protocol";
import type { Locale } from "@core/settings";
import type { UiId } from "./words";

/** Name and, for clinicians, title. */
export function fullName(person: Person, locale: Locale): string {
  return person.title ? `${person.name} ${inLocale(person.title, locale)}` : person.name;
}

/** The language of somebody's own words, for the voice that reads them. */
export function languageOf(text: string): string {
  return /\p{Script=Han}/u.test(text) ? "zh-Hans" : "en";
}

/** How the fixed answers of the intake are said. */
export const durationId = (duration: Duration): UiId => `ui.duration.${duration}`;
export const redFlagId = (flag: RedFlag): UiId => `ui.redFlag.${flag}`;
