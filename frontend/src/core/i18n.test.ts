// @vitest-environment jsdom
import { expect, test } from "vitest";
import { activateLocale, addCatalog, i18n } from "./i18n";
import { changeSettings } from "./settings";

test("words that were on their way when the language changed are there in the new one", async () => {
  changeSettings({ locale: "en" });
  let arrive = () => {};
  const late = new Promise<void>((resolve) => (arrive = resolve));
  const adding = addCatalog({
    en: () => late.then(() => ({ messages: { "i18n.test": "Log" } })),
    "zh-Hans": () => Promise.resolve({ messages: { "i18n.test": "日志" } }),
  });
  changeSettings({ locale: "zh-Hans" });
  await activateLocale("zh-Hans");
  arrive();
  await adding;
  expect(i18n._("i18n.test")).toBe("日志");
});
