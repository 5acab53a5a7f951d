// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { I18nProvider } from "@lingui/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { i18n } from "@core/i18n";
import { announce, enterModal, LiveRegions, toast } from "./announce";
import ui from "./locales/zh-Hans.json";

beforeEach(() => {
  i18n.load("zh-Hans", ui);
  i18n.activate("zh-Hans");
  render(
    <I18nProvider i18n={i18n}>
      <LiveRegions />
    </I18nProvider>,
  );
});
afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

function opens(): { dialog: HTMLElement; leave: () => void } {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.open = true;
  let leave: (() => void) | undefined;
  act(() => {
    leave = enterModal(dialog);
  });
  const closes = () => {
    leave?.();
    dialog.remove();
  };
  return {
    dialog,
    leave: () => {
      act(closes);
    },
  };
}

test("a toast stands before whatever dialog is topmost, with a button that works, and survives its closing", () => {
  act(() => toast("没有保存"));
  const first = opens();
  const second = opens();
  expect(within(first.dialog).queryByTestId("x.toast")).toBeNull();
  expect(within(second.dialog).getByTestId("x.toast").textContent).toContain("没有保存");
  second.leave();
  expect(within(first.dialog).getByTestId("x.toast")).toBeDefined();
  first.leave();
  fireEvent.click(within(screen.getByTestId("x.toast")).getByRole("button"));
  expect(screen.queryByTestId("x.toast")).toBeNull();
});

test("in a dialog what is said is heard, and what was said before is not said again", () => {
  act(() => announce("还差两处"));
  const { dialog, leave } = opens();
  expect(within(dialog).getByTestId("x.modal.polite").textContent).toBe("");
  act(() => announce("已保存"));
  expect(within(dialog).getByTestId("x.modal.polite").textContent).toBe("已保存");
  leave();
  expect(screen.getByTestId("x.live.polite").textContent).toBe("已保存");
});
