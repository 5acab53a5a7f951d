// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { comboOf, useKeys } from "./keys";

const press = (init: KeyboardEventInit, target: EventTarget = document.body) => {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
};

describe("the keys of a page", () => {
  afterEach(() => document.body.replaceChildren());

  test("are named by the key's place, so that Option on a Mac and a Chinese layout change nothing", () => {
    expect(comboOf(new KeyboardEvent("keydown", { altKey: true, code: "KeyR", key: "®" }))).toBe("Alt+KeyR");
    expect(comboOf(new KeyboardEvent("keydown", { metaKey: true, code: "Slash", key: "、" }))).toBe("Ctrl+Slash");
    expect(comboOf(new KeyboardEvent("keydown", { shiftKey: true, altKey: true, code: "ArrowDown" }))).toBe("Alt+Shift+ArrowDown");
  });

  test("act once and keep the browser's own meaning away", () => {
    const show = vi.fn();
    const { rerender, unmount } = renderHook(() => useKeys({ "Alt+KeyR": show }));
    rerender();
    expect(press({ altKey: true, code: "KeyR" }).defaultPrevented).toBe(true);
    expect(show).toHaveBeenCalledTimes(1);
    expect(press({ code: "KeyR", key: "r" }).defaultPrevented).toBe(false);
    unmount();
    press({ altKey: true, code: "KeyR" });
    expect(show).toHaveBeenCalledTimes(1);
  });

  test("rest while a dialog asks something, and where somebody else has handled the key", () => {
    const close = vi.fn();
    renderHook(() => useKeys({ "Alt+KeyE": close }));
    const box = document.body.appendChild(document.createElement("textarea"));
    box.addEventListener("keydown", (event) => event.preventDefault(), { once: true });
    press({ altKey: true, code: "KeyE" }, box);
    const dialog = document.body.appendChild(document.createElement("dialog"));
    dialog.setAttribute("open", "");
    press({ altKey: true, code: "KeyE" });
    expect(close).not.toHaveBeenCalled();
    dialog.remove();
    press({ altKey: true, code: "KeyE" });
    expect(close).toHaveBeenCalledTimes(1);
  });
});
