import { useSyncExternalStore } from "react";
import { onSettings, settings, type Locale, type Settings } from "@core/settings";

export function useSettings(): Settings {
  return useSyncExternalStore(onSettings, settings);
}

export function useLocale(): Locale {
  return useSettings().locale;
}
