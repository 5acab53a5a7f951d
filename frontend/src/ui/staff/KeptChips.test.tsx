// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import { I18nProvider } from "@lingui/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { i18n } from "@core/i18n";
import { KeptChips } from "./KeptChips";
import en from "./locales/en.json";
import zh from "./locales/zh-Hans.json";

const shown = (props: Parameters<typeof KeptChips>[0]) =>
  render(
    <I18nProvider i18n={i18n}>
      <KeptChips {...props} />
    </I18nProvider>,
  ).container.textContent;

beforeEach(() => i18n.load({ en, "zh-Hans": zh }));
afterEach(cleanup);

describe("the marks of a case", () => {
  test("say in both languages that it is sealed or destroyed", () => {
    i18n.activate("zh-Hans");
    expect([shown({ kept: "sealed" }), shown({ kept: "shredded" })]).toEqual(["记录已密封", "内容已销毁"]);
    i18n.activate("en");
    expect([shown({ kept: "sealed" }), shown({ kept: "shredded" })]).toEqual(["Record sealed", "Content destroyed"]);
  });

  test("say that a legal hold keeps it, beside what has become of it", () => {
    i18n.activate("en");
    shown({ kept: "sealed", held: true });
    expect(screen.getByTestId("x.held").textContent).toBe("Under legal hold");
    expect(screen.getByTestId("x.kept").dataset["kept"]).toBe("sealed");
  });

  test("say nothing of a case that is kept as any other", () => {
    i18n.activate("en");
    expect(shown({ kept: "" })).toBe("");
  });
});
