// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The name that a page which is loaded now has. */
async function deviceName(): Promise<string> {
  vi.resetModules();
  return (await import("./device")).deviceName();
}

/** What a browser's lock manager does for one name at a time: whoever holds it keeps it until their page is gone. */
class Locks {
  readonly held = new Set<string>();

  async request(name: string, _options: object, held: (lock: object | null) => Promise<unknown> | undefined): Promise<unknown> {
    if (this.held.has(name)) return held(null);
    this.held.add(name);
    return held({});
  }
}

let locks: Locks;
beforeEach(() => {
  locks = new Locks();
  Object.defineProperty(navigator, "locks", { configurable: true, get: () => locks });
});
afterEach(() => {
  sessionStorage.clear();
  Reflect.deleteProperty(navigator, "locks");
});

test("a tab keeps its name when it is loaded again, and a copy of it gets one of its own", async () => {
  const first = await deviceName();
  const copied = sessionStorage.getItem("xinqiao.device");
  locks.held.clear(); // its page is gone
  expect(await deviceName()).toBe(first);
  sessionStorage.setItem("xinqiao.device", copied ?? ""); // the copy, while the first is open
  expect(await deviceName()).not.toBe(first);
});

test("a browser without locks still has a name that stays", async () => {
  Reflect.deleteProperty(navigator, "locks");
  expect(await deviceName()).toBe(await deviceName());
});
