// @vitest-environment jsdom
import { I18nProvider } from "@lingui/react";
import { setupI18n } from "@lingui/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Button } from "./Button";

afterEach(cleanup);

function twice(button: React.ReactElement): number {
  const submitted = vi.fn((event: React.SyntheticEvent) => event.preventDefault());
  render(
    <I18nProvider i18n={setupI18n({ locale: "en", messages: { en: {} } })}>
      <form onSubmit={submitted}>{button}</form>
    </I18nProvider>,
  );
  for (const detail of [1, 2]) fireEvent.click(screen.getByRole("button"), { detail });
  return submitted.mock.calls.length;
}

test("Zhou's double click asks for access once, before the page knows that it is asked for", () => {
  const act = vi.fn();
  twice(<Button pending={false} onClick={act}>Ask</Button>);
  expect(act).toHaveBeenCalledTimes(1);
});

test("a form is submitted once by a double click", () => {
  expect(twice(<Button type="submit">Send</Button>)).toBe(1);
});

test("what may be pressed again and again takes every click", () => {
  const act = vi.fn();
  twice(<Button onClick={act}>Ten seconds on</Button>);
  expect(act).toHaveBeenCalledTimes(2);
});
