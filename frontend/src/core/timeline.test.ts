import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimelineEvent } from "./protocol";
import { rowsOf } from "./rows";
import { reachedBy, reduceTimeline, startTimeline, statusOf, type Timeline, type TimelineAction } from "./timeline";

const WANG = "wang";
const ZHAO = "zhao";

function said(seq: number, sender = WANG, at = seq * 1000): TimelineEvent {
  return { seq, kind: "message.posted", at, sender, client_id: `client-${seq}`, body: { text: `line ${seq}` } };
}

const lines = (count: number) => Array.from({ length: count }, (_, i) => said(i + 1, i % 3 ? WANG : ZHAO));
const run = (actions: TimelineAction[], from = startTimeline(0)) => actions.reduce(reduceTimeline, from);
const seqs = (state: Timeline) => state.events.map((event) => event.seq);
const pendingOf = (event: TimelineEvent): TimelineAction => ({
  type: "pending",
  message: { client_id: event.client_id!, text: "x", at: event.at, status: "queued", error: null },
});

describe("a timeline", () => {
  test("ends the same whatever the order, the batching and the repetition of frames", () => {
    const all = lines(30);
    const batches = fc.array(fc.subarray(all), { maxLength: 12 });
    fc.assert(
      fc.property(batches, fc.shuffledSubarray(all, { minLength: 30 }), (some, rest) => {
        const frames = [...some, ...rest.map((event) => [event])];
        const state = run(frames.map((events) => ({ type: "events", events, head: 30 })));
        expect(state.events).toEqual(all);
        expect(state.cursor).toBe(30);
        expect(state.early.size).toBe(0);
      }),
    );
  });

  test("never shows a gap: the cursor stops before the first missing event", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(lines(20)), (events) => {
        const state = run([{ type: "events", events, head: 20 }]);
        const present = new Set(events.map((event) => event.seq));
        const expected = lines(20).findIndex((event) => !present.has(event.seq));
        expect(state.cursor).toBe(expected < 0 ? 20 : expected);
        expect(seqs(state)).toEqual(lines(state.cursor).map((event) => event.seq));
        expect(state.head).toBe(20);
      }),
    );
  });

  test("shows Wang's bubble once, at every moment, pending or posted", () => {
    const all = lines(12);
    const steps = [
      ...all.map((event): TimelineAction => ({ type: "events", events: [event], head: 12 })),
      ...all.map(pendingOf),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: steps.length }), (actions) => {
        let state = startTimeline(0);
        for (const action of actions) {
          state = reduceTimeline(state, action);
          const keys = rowsOf(state, WANG).map((row) => row.key);
          expect(new Set(keys).size).toBe(keys.length);
        }
        expect(state.pending).toEqual([]);
        expect(seqs(state)).toEqual(all.map((event) => event.seq));
      }),
    );
  });

  test("takes older pages that touch it and refuses those that would leave a hole", () => {
    const state = run([{ type: "events", events: lines(40).slice(30), head: 40 }], startTimeline(30));
    expect(run([{ type: "older", events: lines(10) }], state)).toBe(state);
    const holed = lines(30).filter((event) => event.seq !== 25 && event.seq > 20);
    expect(run([{ type: "older", events: holed }], state)).toBe(state);
    const filled = run([{ type: "older", events: lines(30).slice(10) }], state);
    expect(filled.first).toBe(11);
    expect(seqs(filled)).toEqual(lines(40).slice(10).map((event) => event.seq));
  });

  test("moves cursors forward only, and reading implies delivery", () => {
    const frames = fc.array(fc.record({ delivered: fc.nat(50), read: fc.nat(50) }), { minLength: 1 });
    fc.assert(
      fc.property(frames, (cursors) => {
        const state = run(cursors.map((one) => ({ type: "cursors", cursors: [{ person: ZHAO, ...one, delivered_at: null, read_at: one.read * 1000 }] })));
        const read = Math.max(...cursors.map((one) => one.read));
        const delivered = Math.max(read, ...cursors.map((one) => one.delivered));
        expect(state.cursors[ZHAO]).toMatchObject({ delivered, read, read_at: read > 0 ? read * 1000 : null });
      }),
    );
  });

  test("tells Wang by name who has her message, who read it, and when", () => {
    const state = run([
      { type: "cursors", cursors: [{ person: "sun", delivered: 9, read: 0, delivered_at: 50, read_at: null }] },
      { type: "cursors", cursors: [{ person: ZHAO, delivered: 7, read: 6, delivered_at: 70, read_at: 80 }] },
      { type: "cursors", cursors: [{ person: WANG, delivered: 9, read: 9, delivered_at: 90, read_at: 90 }] },
    ]);
    expect(reachedBy(state, said(5))).toEqual([
      { person: ZHAO, read: true, at: 80 },
      { person: "sun", read: false, at: 50 },
    ]);
    expect(reachedBy(state, said(8))).toEqual([{ person: "sun", read: false, at: 50 }]);
  });

  test("tells Wang how far her message came, and never counts her own cursor", () => {
    const at = (cursors: { person: string; delivered: number; read: number }[]) =>
      statusOf(run([{ type: "cursors", cursors: cursors.map((one) => ({ ...one, delivered_at: null, read_at: null })) }]), said(5));
    expect(at([{ person: WANG, delivered: 9, read: 9 }])).toBe("sent");
    expect(at([{ person: ZHAO, delivered: 5, read: 4 }])).toBe("delivered");
    expect(at([{ person: ZHAO, delivered: 5, read: 5 }])).toBe("read");
  });
});

describe("what is said about a message later", () => {
  const retracted = (seq: number, of: number): TimelineEvent => ({ seq, kind: "message.retracted", at: seq, sender: ZHAO, client_id: null, body: { of, reason: "发错人了" } });
  const corrected = (seq: number, of: number): TimelineEvent => ({ seq, kind: "message.corrected", at: seq, sender: ZHAO, client_id: null, body: { of, text: `better ${seq}` } });
  const heard = (seq: number, of: number, version: number): TimelineEvent => ({
    seq, kind: "voice.transcribed", at: seq, sender: null, client_id: null,
    body: { of, version, text: `words ${version}`, machine: version === 1, low: [], engine: "faster-whisper", model: "small" },
  });
  const all = [said(1, ZHAO), said(2, ZHAO), said(3), corrected(4, 2), corrected(5, 1), heard(6, 3, 1), corrected(7, 1), retracted(8, 2), heard(9, 3, 2), said(10)];

  test("keeps the words of a retracted message nowhere, in whatever order and pages it comes", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.integer({ min: 0, max: 9 }), (events, from) => {
        const steps: TimelineAction[] = events.map((event) => ({ type: "events", events: [event], head: 10 }));
        const state = run([...steps, { type: "older", events: all.slice(0, from) }], startTimeline(from));
        expect(state.events.map((event) => event.seq)).toEqual(all.map((event) => event.seq));
        expect(JSON.stringify([state.events, [...state.marks]])).not.toMatch(/line 2|better 4/);
        expect(state.events[1]).toMatchObject({ kind: "message.retracted_original", body: {}, sender: ZHAO });
        expect(state.marks.get(2)).toEqual({ retracted: all[7] });
        expect(state.marks.get(1)?.corrected).toEqual(all[6]);
        expect(state.marks.get(3)?.transcribed).toEqual(all[8]);
        expect(state.events[0]).toEqual(all[0]);
      }),
    );
  });

  test("is drawn at the message that it is about; a correction has a line where it was made as well", () => {
    const rows = rowsOf(run([{ type: "events", events: all, head: 10 }]), WANG).filter((row) => row.type === "event");
    expect(rows.map((row) => [row.event.seq, Object.keys(row.marks)])).toEqual([[1, ["corrected"]], [2, ["retracted"]], [3, ["transcribed"]], [4, []], [5, []], [7, []], [10, []]]);
  });

  test("a doctor is told of the patient's reading, not of a colleague's", () => {
    const state = run([
      { type: "events", events: [said(1, ZHAO)], head: 1 },
      { type: "cursors", cursors: [{ person: "sun", delivered: 1, read: 1, delivered_at: 5, read_at: 5 }, { person: WANG, delivered: 1, read: 0, delivered_at: 4, read_at: null }] },
    ]);
    const status = (counts?: (person: string) => boolean) => rowsOf(state, ZHAO, counts).flatMap((row) => (row.type === "event" ? [row.status] : []));
    expect(status()).toEqual(["read"]);
    expect(status((person) => person === WANG)).toEqual(["delivered"]);
  });
});

describe("the rows of a conversation", () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime();
  const minutes = (count: number) => noon + count * 60_000;

  test("separate days and group the same author within five minutes", () => {
    const events = [said(1, ZHAO, minutes(0)), said(2, ZHAO, minutes(4)), said(3, ZHAO, minutes(9.5)), said(4, WANG, minutes(10)), said(5, WANG, minutes(24 * 60))];
    const rows = rowsOf(run([{ type: "events", events, head: 5 }]), WANG);
    expect(rows.map((row) => (row.type === "day" ? "day" : row.firstOfGroup))).toEqual(["day", true, false, true, true, "day", true]);
  });

  test("leave out receipts of reading and mark only the last own message", () => {
    const read = (seq: number): TimelineEvent => ({ seq, kind: "receipt.read", at: noon, sender: ZHAO, client_id: null, body: { upto: seq - 1 } });
    const rows = rowsOf(run([{ type: "events", events: [said(1, WANG, noon), read(2), said(3, WANG, noon), read(4)], head: 4 }]), WANG);
    const drawn = rows.filter((row) => row.type === "event");
    expect(drawn.map((row) => [row.event.seq, row.lastOwn])).toEqual([[1, false], [3, true]]);
  });
});
