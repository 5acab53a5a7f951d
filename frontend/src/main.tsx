import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider } from "@lingui/react";
import { addCatalog, i18n } from "@core/i18n";
import { applySettings, settings } from "@core/settings";
import { uiWords } from "@ui/words";
import { App } from "./App";
import "@ui/styles/base.css";

async function start(root: HTMLElement): Promise<void> {
  applySettings();
  await addCatalog(uiWords);
  i18n.activate(settings().locale);
  createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <App />
      </I18nProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
