import { describe, expect, test } from "vitest";
import type { TimelineEvent } from "@core/protocol";
import { reduceTimeline, startTimeline, type TimelineAction } from "@core/timeline";
import { actionsFor, readingsOf, type ActionContext } from "./actions";
import { remaining } from "./terms";

const [WANG, ZHAO, SUN] = ["wang", "zhao", "sun"];
const said = (seq: number, sender: string, text = "您好"): TimelineEvent => ({ seq, kind: "message.posted", at: 1_000_000, sender, client_id: `client-${seq}`, body: { text } });
const wang: ActionContext = { me: WANG, reader: "patient", open: true, now: 1_000_000 + 60_000 };
const zhao: ActionContext = { me: ZHAO, reader: "staff", open: true, now: 1_000_000 + 3_600_000 };

describe("what can be done with a message", () => {
  test("Wang takes back her own within two minutes, and nobody else's", () => {
    expect(actionsFor(said(1, WANG), wang)).toContain("retract");
    expect(actionsFor(said(1, WANG), { ...wang, now: 1_000_000 + 120_000 })).not.toContain("retract");
    expect(actionsFor(said(1, ZHAO), wang)).toEqual(["reply", "copy", "details"]);
  });

  test("Dr Zhao corrects and takes back his own while the case is open", () => {
    expect(actionsFor(said(1, ZHAO), zhao)).toEqual(["reply", "copy", "correct", "retract", "details"]);
    expect(actionsFor(said(1, ZHAO), { ...zhao, open: false })).toEqual(["copy", "details"]);
  });

  test("only words can be copied, corrected or cited", () => {
    expect(actionsFor(said(1, ZHAO, ""), { ...zhao, citable: true })).toEqual(["reply", "retract", "details"]);
    expect(actionsFor(said(1, SUN), { ...zhao, reader: "colleague", citable: true })).toEqual(["reply", "cite", "copy", "details"]);
  });

  test("nothing is offered for what is not a message", () => {
    expect(actionsFor({ seq: 1, kind: "message.retracted_original", at: 1, sender: ZHAO, client_id: null, body: {} }, zhao)).toEqual([]);
  });
});

describe("who has read a message", () => {
  const receipt = (seq: number, sender: string, upto: number, at: number): TimelineEvent => ({ seq, kind: "receipt.read", at, sender, client_id: null, body: { upto } });
  const cursor = (person: string, delivered: number, read: number, at: number): TimelineAction => ({
    type: "cursors",
    cursors: [{ person, delivered, read, delivered_at: at, read_at: at }],
  });

  test("is told with the time of the reading where it is on the timeline, else with the last move of the cursor", () => {
    const message = said(1, WANG);
    const events = [message, receipt(2, ZHAO, 1, 20), said(3, WANG), receipt(4, ZHAO, 3, 40)];
    const steps: TimelineAction[] = [{ type: "events", events, head: 4 }, cursor(ZHAO, 4, 3, 41), cursor(SUN, 3, 0, 30)];
    const state = steps.reduce(reduceTimeline, startTimeline(0));
    expect(readingsOf(state, message)).toEqual([
      { person: ZHAO, state: "read", at: 20, exact: true },
      { person: SUN, state: "delivered", at: 30, exact: false },
    ]);
  });
});

describe("what is left of the terms", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  const terms = { rounds: 3, rounds_used: 1, until: "2026-11-23T09:00:00Z", over: null };

  test("is counted down, and never below nothing", () => {
    expect(remaining(terms, now)).toEqual({ rounds: 2, until: Date.parse(terms.until), over: null, soon: true });
    expect(remaining({ ...terms, rounds_used: 5 }, now)?.rounds).toBe(0);
  });

  test("ends by the clock of the phone as well as by the word of the server", () => {
    expect(remaining(terms, Date.parse("2026-11-23T09:00:00Z"))).toMatchObject({ over: "time", soon: false });
    expect(remaining({ ...terms, over: "rounds" }, now)?.over).toBe("rounds");
  });

  test("is nothing to speak of where there is no limit", () => {
    expect(remaining({ rounds: null, rounds_used: 0, until: null, over: null }, now)).toBeNull();
  });
});
