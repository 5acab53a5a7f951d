import { describe, expect, test } from "vitest";
import type { SealedEvent } from "./api";
import { caseRows, contentsOf, exactTime, fates, firstSeen, sealOf, zone } from "./timeline";

const WANG = "10000000-0000-4000-8000-000000000071";
const ZHAO = "10000000-0000-4000-8000-000000000001";
const NOON = new Date(2026, 10, 20, 12, 0, 0).getTime();
const MINUTE = 60_000;

const event = (seq: number, kind: string, change: Partial<SealedEvent> = {}): SealedEvent => ({
  seq,
  kind,
  at: NOON + seq * MINUTE,
  sender: WANG,
  client_id: null,
  body: { text: `${seq}` },
  hash: "9f3c",
  sealed_at: new Date(NOON).toISOString(),
  tree_index: seq,
  verified: true,
  withheld: false, shredded: null,
  ...change,
});

describe("the timeline that Officer Zhou reads", () => {
  test("shows a missing stretch as a gap, never skips it", () => {
    const rows = caseRows([event(1, "consultation.opened"), event(4, "message.posted")], 4);
    expect(rows.map((row) => row.type)).toEqual(["day", "event", "gap", "event"]);
    expect(rows[2]).toMatchObject({ from: 2, to: 3 });
  });

  test("shows a missing beginning and a missing end as gaps too", () => {
    expect(caseRows([event(1, "message.posted")], 3).at(-1)).toMatchObject({ type: "gap", from: 2, to: 3 });
    expect(caseRows([event(3, "message.posted")], 3)[0]).toMatchObject({ type: "gap", from: 1, to: 2 });
  });

  test("names each day once", () => {
    const rows = caseRows([event(1, "message.posted"), event(2, "message.posted"), event(3, "message.posted", { at: NOON + 24 * 60 * MINUTE })], 3);
    expect(rows.map((row) => row.type)).toEqual(["day", "event", "event", "day", "event"]);
  });

  test("lists the turns of the case and the first event of each day", () => {
    const events = [event(1, "consultation.opened"), event(2, "message.posted"), event(3, "consultation.claimed"), event(4, "message.posted", { at: NOON + 24 * 60 * MINUTE }), event(5, "receipt.read", { at: NOON + 25 * 60 * MINUTE })];
    expect(contentsOf(events).map((one) => one.seq)).toEqual([1, 3, 4]);
  });

  test("lists what was taken back, said aloud or attached", () => {
    const said = { text: "", voice: { id: "a", duration_s: 4 } };
    const events = [event(1, "message.posted"), event(2, "message.posted", { body: { text: "化验单", attachments: [{ id: "b" }] } }), event(3, "message.posted", { body: said }), event(4, "message.posted"), event(5, "message.retracted", { body: { of: 4 } }), event(6, "message.posted", { body: null })];
    expect(contentsOf(events).map((one) => one.seq)).toEqual([1, 2, 3, 5]);
  });
});

describe("the proof of one event", () => {
  test.each([
    [{ verified: true, tree_index: 7, body: {} }, "verified"],
    [{ verified: false, tree_index: null, body: {} }, "pending"],
    [{ verified: false, tree_index: 7, body: {} }, "mismatch"],
    [{ verified: false, tree_index: 7, body: null }, "unknown"],
  ] as const)("%j is %s", (given, state) => {
    expect(sealOf(given)).toBe(state);
  });
});

describe("who had read a message", () => {
  test("is the first receipt of somebody else that covers it", () => {
    const events = [
      event(1, "message.posted"),
      event(2, "message.posted"),
      event(3, "receipt.read", { sender: ZHAO, body: { upto: 1 } }),
      event(4, "receipt.read", { sender: ZHAO, body: { upto: 2 } }),
      event(5, "receipt.read", { sender: ZHAO, body: { upto: 4 } }),
    ];
    const seen = firstSeen(events);
    expect(seen.get(1)).toEqual({ person: ZHAO, at: events[2]!.at });
    expect(seen.get(2)).toEqual({ person: ZHAO, at: events[3]!.at });
  });

  test("is nobody when only its author has been there", () => {
    expect(firstSeen([event(1, "message.posted"), event(2, "receipt.read", { body: { upto: 1 } })]).size).toBe(0);
  });
});

describe("exact times", () => {
  test("carry seconds and no ambiguity", () => {
    expect(exactTime(new Date(2026, 0, 5, 0, 3, 9).getTime())).toBe("2026-01-05 00:03:09");
  });

  test("say their zone", () => {
    expect(zone(-480)).toBe("UTC+8");
    expect(zone(210)).toBe("UTC-3:30");
    expect(zone(0)).toBe("UTC+0");
  });
});

describe("what became of a message", () => {
  const told = (...more: SealedEvent[]) => [event(1, "message.posted"), event(2, "message.posted"), ...more];

  test("says whether the other side had read it before it was taken back", () => {
    const read = event(3, "receipt.read", { sender: ZHAO, body: { upto: 1 } });
    const found = fates(told(read, event(4, "message.retracted", { body: { of: 1 } }), event(5, "message.retracted", { body: { of: 2 } })));
    expect(found.get(1)).toEqual({ what: "retracted", seq: 4, at: NOON + 4 * MINUTE, read: true });
    expect(found.get(2)).toMatchObject({ what: "retracted", seq: 5, read: false });
  });

  test("does not count a reading that came afterwards", () => {
    const found = fates(told(event(3, "message.corrected", { body: { of: 1, text: "x" } }), event(4, "receipt.read", { sender: ZHAO, body: { upto: 2 } })));
    expect([...found]).toEqual([[1, { what: "corrected", seq: 3, at: NOON + 3 * MINUTE, read: false }]]);
  });

  test("is not guessed where the words of the act are withheld", () => {
    expect(fates(told(event(3, "message.retracted", { body: null }))).size).toBe(0);
  });
});
