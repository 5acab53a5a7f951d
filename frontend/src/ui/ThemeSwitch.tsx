import { Moon, Sun, SunMoon } from "lucide-react";
import { changeSettings, type Theme } from "@core/settings";
import { IconButton } from "./Button";
import { useSettings } from "./settings";
import { useStaff } from "./staff/words";
import type { UiId } from "./words";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICON = { system: SunMoon, light: Sun, dark: Moon } as const;
const NAME: Record<Theme, UiId> = { system: "ui.theme.system", light: "ui.theme.light", dark: "ui.theme.dark" };

/** Staff: one button through system, light and dark. */
export function ThemeSwitch() {
  const t = useStaff();
  const { theme } = useSettings();
  return <IconButton icon={ICON[theme]} label={t("st.theme.now", { name: t(NAME[theme]) })} onClick={() => changeSettings({ theme: NEXT[theme] })} data-testid="x.theme" />;
}
