import { Suspense } from "react";
import { saveLanguage } from "@core/session";
import { changeSettings, elderSwitch, type FontStep, type Theme } from "@core/settings";
import { Checkbox, RadioGroup } from "@ui/fields";
import { LanguageSwitch } from "@ui/LanguageSwitch";
import { later } from "@ui/later";
import { PatientShell } from "@ui/PatientShell";
import { useSettings } from "@ui/settings";
import { useUi } from "@ui/words";
import { useNav } from "./nav";
import { useT } from "./pages/words";

const AlertOffer = later(() => import("@ui/calls/AlertOffer"));
const NeedsChoice = later(() => import("./NeedsChoice"));
const NoticeSwitch = later(() => import("./notices/NoticeSwitch"));

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const STEPS: readonly FontStep[] = [0, 1, 2, 3, 4];
const PIXELS = [16, 18, 20, 24, 30] as const;

/** Everything takes effect at once and stays in this browser; the language also goes to the account, the choice about notices only there. */
export function SettingsPage() {
  const t = useT();
  const ui = useUi();
  const { theme, mode, fontStep } = useSettings();
  // Elder mode has a floor of 18 px.
  const steps = mode === "elder" ? STEPS.slice(1) : STEPS;
  return (
    <PatientShell title={t("p.settings.title")} back="/me" nav={useNav()}>
      <section className="stack" aria-labelledby="size-h">
        <h2 id="size-h">{t("p.settings.size")}</h2>
        <Checkbox label={t("p.elder")} description={t("p.elder.what")} checked={mode === "elder"} onChange={(on) => changeSettings(elderSwitch(on))} data-testid="p.settings.elder" />
        <RadioGroup
          label={t("p.settings.font")}
          value={String(fontStep)}
          options={steps.map((step) => ({ value: String(step), label: t("p.settings.font.step", { size: PIXELS[step] }) }))}
          onChange={(step) => changeSettings({ fontStep: Number(step) as FontStep })}
          testid="p.settings.font"
        />
        <p className="card">{t("p.settings.sample")}</p>
      </section>
      <section className="stack" aria-labelledby="language-h">
        <h2 id="language-h">{ui("ui.language")}</h2>
        {/* The choice holds in this browser even when the server cannot be told. */}
        <LanguageSwitch onChange={(locale) => void saveLanguage(locale).catch(() => undefined)} />
      </section>
      <section className="stack" aria-labelledby="theme-h">
        <h2 id="theme-h">{t("p.settings.theme")}</h2>
        <RadioGroup
          label={t("p.settings.theme")}
          hideLabel
          value={theme}
          options={THEMES.map((value) => ({ value, label: ui(`ui.theme.${value}`) }))}
          onChange={(value) => changeSettings({ theme: value })}
          testid="p.settings.theme"
        />
      </section>
      <Suspense>
        <NeedsChoice />
        <AlertOffer always />
        <NoticeSwitch />
      </Suspense>
    </PatientShell>
  );
}
