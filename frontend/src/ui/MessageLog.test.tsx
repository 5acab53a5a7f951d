// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { I18nProvider } from "@lingui/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { i18n } from "@core/i18n";
import type { Person, TimelineEvent } from "@core/protocol";
import { rowsOf } from "@core/rows";
import { reduceTimeline, startTimeline } from "@core/timeline";
import { MessageLog } from "./MessageLog";
import type { Talk } from "./talk/context";
import talk from "./talk/locales/zh-Hans.json";
import ui from "./locales/zh-Hans.json";

const WANG: Person = { id: "wang", name: "王秀兰", title: null, department: null, role: "patient" };
const ZHAO: Person = { id: "zhao", name: "赵文博", title: { zh: "主治医师", en: "attending physician" }, department: null, role: "doctor" };
const people = new Map([WANG, ZHAO].map((person) => [person.id, person]));
const base = { at: Date.parse("2026-11-22T09:00:00"), client_id: null };
const said = (seq: number, sender: Person, text: string, reply_to: number | null = null): TimelineEvent => ({ ...base, seq, kind: "message.posted", sender: sender.id, body: { text, reply_to } });

class NoLayout {
  observe = () => undefined;
  disconnect = () => undefined;
}

const jump = vi.fn();
const openMenu = vi.fn();
const leave = vi.fn();

function shows(events: TimelineEvent[], readUpto: number | null = null) {
  const timeline = reduceTimeline(startTimeline(0), { type: "events", events, head: events.length });
  const acts: Talk = {
    thread: "visit",
    reader: "patient",
    quoted: (seq) => ({ seq, author: ZHAO, own: false, text: "早上量血压了吗？", state: "there" }),
    openMenu,
    openDetails: vi.fn(),
    jump,
  };
  render(
    <I18nProvider i18n={i18n}>
      <MessageLog
        title="对话"
        rows={rowsOf(timeline, WANG.id)}
        people={people}
        reader="patient"
        talk={acts}
        readUpto={readUpto}
        onLeave={leave}
        hasOlder={false}
        loadingOlder={false}
        onLoadOlder={vi.fn()}
        onRetry={vi.fn()}
        onDrop={vi.fn()}
        testid="log"
      />
    </I18nProvider>,
  );
  return screen.getByTestId("log");
}

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", NoLayout);
  i18n.load("zh-Hans", { ...ui, ...talk });
  i18n.activate("zh-Hans");
});

afterEach(cleanup);

describe("the conversation on Wang's phone", () => {
  test("has one line over the first message that she has not read", () => {
    const log = shows([said(1, WANG, "头晕"), said(2, ZHAO, "多久了？"), said(3, ZHAO, "早上量血压了吗？")], 2);
    const rows = [...log.querySelectorAll("ol > li")];
    const line = screen.getByTestId("x.log.unread");
    expect(rows[rows.indexOf(line) + 1]?.textContent).toContain("早上量血压了吗");
  });

  test("has no such line where nothing was read before, or everything", () => {
    shows([said(1, WANG, "头晕"), said(2, ZHAO, "多久了？")], 2);
    expect(screen.queryByTestId("x.log.unread")).toBeNull();
  });

  test("stays at the newest message when a picture comes late, unless she has scrolled back", () => {
    let grown: () => void = () => undefined;
    class Layout extends NoLayout {
      constructor(told: () => void) {
        super();
        grown = told;
      }
    }
    vi.stubGlobal("ResizeObserver", Layout);
    const log = shows([said(1, WANG, "头晕"), said(2, ZHAO, "多久了？")]);
    const comes = (scrollHeight: number) => {
      Object.defineProperties(log, { scrollHeight: { value: scrollHeight, configurable: true }, clientHeight: { value: 400, configurable: true } });
      fireEvent.scroll(log); // the browser tells of the last move only now
      grown();
    };
    comes(1000);
    expect(log.scrollTop).toBe(1000);
    log.scrollTop = 300;
    comes(1400);
    expect(log.scrollTop).toBe(300);
  });

  test("is walked with arrows; Enter opens what can be done with a message, Escape goes back to writing", () => {
    const log = shows([said(1, WANG, "头晕"), said(2, ZHAO, "多久了？")]);
    const [first, second] = within(log).getAllByTestId("x.msg");
    log.focus();
    fireEvent.keyDown(log, { key: "ArrowUp" });
    expect(document.activeElement).toBe(second);
    fireEvent.keyDown(second!, { key: "ArrowUp" });
    expect(document.activeElement).toBe(first);
    fireEvent.keyDown(first!, { key: "Enter" });
    expect(openMenu).toHaveBeenCalledWith(expect.objectContaining({ seq: 1 }));
    fireEvent.keyDown(first!, { key: "Escape" });
    expect(leave).toHaveBeenCalled();
  });

  test("shows what was corrected with both versions, and a line that leads to it", () => {
    shows([said(1, ZHAO, "每天两片"), { ...base, seq: 2, kind: "message.corrected", sender: ZHAO.id, body: { of: 1, text: "每天一片" } }]);
    expect(screen.getByTestId("x.msg.text").querySelector("del")?.textContent).toBe("每天两片");
    expect(screen.getByTestId("x.msg.corrected").textContent).toBe("每天一片");
    fireEvent.click(screen.getByTestId("x.event.jump"));
    expect(jump).toHaveBeenCalledWith(1);
  });

  test("says who took a message back and why, and nothing of what it said", () => {
    const log = shows([said(1, ZHAO, "发错人了的话"), { ...base, seq: 2, kind: "message.retracted", sender: ZHAO.id, body: { of: 1, reason: "发错人" } }]);
    expect(screen.getByTestId("x.msg.retracted").textContent).toContain("赵文博 主治医师撤回了一条消息");
    expect(log.textContent).toContain("发错人");
    expect(log.textContent).not.toContain("发错人了的话");
  });

  test("leads from an answer to what it answers", () => {
    shows([said(1, ZHAO, "早上量血压了吗？"), said(2, WANG, "量了", 1)]);
    fireEvent.click(screen.getByTestId("x.msg.quote"));
    expect(jump).toHaveBeenCalledWith(1);
  });
});
