import { activateLocale } from "@core/i18n";
import { changeSettings, LOCALES, type Locale } from "@core/settings";
import { useLocale } from "./settings";
import { useUi } from "./words";
import "./language.css";

/** Each language is named in itself. `onChange` lets a signed-in page tell the server too. */
export function LanguageSwitch({ onChange }: { onChange?: (locale: Locale) => void }) {
  const t = useUi();
  const current = useLocale();
  const choose = async (locale: Locale) => {
    await activateLocale(locale);
    changeSettings({ locale, localeChosen: true });
    onChange?.(locale);
  };
  return (
    <div className="x-language" role="group" aria-label={t("ui.language")}>
      {LOCALES.map((locale) => (
        <button key={locale} type="button" lang={locale} aria-pressed={locale === current} onClick={() => void choose(locale)} data-testid={`x.language.${locale}`}>
          {NAMES[locale]}
        </button>
      ))}
    </div>
  );
}

const NAMES: Record<Locale, string> = { "zh-Hans": "中文", en: "English" };
