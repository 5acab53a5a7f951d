import { Suspense } from "react";
import { changeSettings, type Theme } from "@core/settings";
import { RadioGroup } from "@ui/fields";
import { later } from "@ui/later";
import { useSettings } from "@ui/settings";
import { useT } from "./words";
import { Workbench } from "./Workbench";

const AlertOffer = later(() => import("@ui/calls/AlertOffer"));

const UNDO = [0, 5, 10] as const;

/** What a person may choose for this device. */
export function SettingsPage() {
  const t = useT();
  const { enterSends, theme, undoSeconds } = useSettings();
  return (
    <Workbench title={t("d.nav.settings")}>
      <div className="d-page d-narrow">
        <RadioGroup
          label={t("d.settings.enter")}
          hint={t("d.settings.enter.hint")}
          value={enterSends ? "send" : "line"}
          options={[
            { value: "send", label: t("d.settings.enter.send") },
            { value: "line", label: t("d.settings.enter.line") },
          ]}
          onChange={(value) => changeSettings({ enterSends: value === "send" })}
          testid="d.settings.enter"
        />
        <RadioGroup
          label={t("d.settings.undo")}
          hint={t("d.settings.undo.hint")}
          value={String(undoSeconds)}
          options={UNDO.map((seconds) => ({ value: String(seconds), label: t("d.settings.undo.seconds", { seconds }) }))}
          onChange={(value) => changeSettings({ undoSeconds: UNDO.find((seconds) => String(seconds) === value) ?? 5 })}
          testid="d.settings.undo"
        />
        <RadioGroup<Theme>
          label={t("d.settings.theme")}
          value={theme}
          options={[
            { value: "system", label: t("d.settings.theme.system") },
            { value: "light", label: t("d.settings.theme.light") },
            { value: "dark", label: t("d.settings.theme.dark") },
          ]}
          onChange={(value) => changeSettings({ theme: value })}
          testid="d.settings.theme"
        />
        <Suspense>
          <AlertOffer always />
        </Suspense>
        <p className="secondary">{t("d.settings.place")}</p>
      </div>
    </Workbench>
  );
}
