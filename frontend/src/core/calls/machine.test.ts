import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FrameOf, ServerFrame } from "../protocol";
import type { CallState } from "./current";
import { failed, hear, hungUp, incoming, isOn, outgoing, resumed, withTrouble } from "./machine";

const CASE = "case-of-wang";
const CALL = "call-1";
const [WANG, ZHAO] = ["wang", "zhao"];
const NOON = Date.parse("2026-11-21T12:00:00Z");

const rings: FrameOf<"call.incoming"> = { type: "call.incoming", call: CALL, consultation: CASE, caller: ZHAO, media: ["audio", "video"], at: NOON, until: NOON + 60_000 };
const accepted = (part: Partial<FrameOf<"call.accepted">> = {}): FrameOf<"call.accepted"> => ({
  type: "call.accepted", call: CALL, consultation: CASE, peer: WANG, media: ["audio", "video"], polite: false, at: NOON, ice: [], ice_until: NOON + 3_600_000, relay_only: false, resumed: false, captions: true, ...part,
}); // prettier-ignore
const ended: FrameOf<"call.ended"> = { type: "call.ended", call: CALL, consultation: CASE, state: "ended", reason: "done", by: WANG, duration_s: 12 };
const away = (until: number | null): ServerFrame => ({ type: "call.away", call: CALL, until });

const kept = { call: CALL, own: { audio: false, video: true, screen: false } };
const all = (state: CallState, ...frames: ServerFrame[]) => frames.reduce((now, frame) => hear(now, frame, NOON), state);
const calling = (): CallState => ({ ...outgoing(CASE, ["audio", "video"], "tab-1"), stage: "calling" });
const talking = () => all({ ...calling(), call: CALL }, accepted());

describe("Dr Zhao's call", () => {
  test("is answered before the server's receipt for the invitation came", () => {
    const state = all(calling(), accepted());
    expect(state).toMatchObject({ call: CALL, peer: WANG, stage: "connecting", at: NOON, theirs: { audio: true, video: true, screen: false } });
  });

  test("crosses one of Wang's: the frame says which side she is on", () => {
    expect(all({ ...calling(), call: CALL }, accepted({ polite: true })).direction).toBe("in");
  });

  test("hears nothing of calls that are not hers", () => {
    const mine = { ...calling(), call: CALL };
    expect(all(mine, { ...ended, call: "another" }, accepted({ call: "another" }), { type: "call.rings", call: "another" })).toBe(mine);
  });

  test("keeps its beginning and its words about the other side when it is taken up again", () => {
    const before = { ...all(talking(), { type: "peer.media", call: CALL, audio: false, video: false, screen: true }), stage: "connected" as const };
    const after = hear(before, accepted({ resumed: true, at: NOON - 5_000 }), NOON + 90_000);
    expect(after).toMatchObject({ stage: "connected", at: NOON, theirs: { audio: false, video: false, screen: true } });
  });

  test("counts from the answer after a reload, never from the future of a clock that is wrong", () => {
    expect(hear(resumed(kept, "tab-1"), accepted({ resumed: true, at: NOON - 40_000 }), NOON)).toMatchObject({ consultation: CASE, at: NOON - 40_000, own: kept.own });
    expect(hear(resumed(kept, "tab-1"), accepted({ resumed: true, at: NOON + 40_000 }), NOON).at).toBe(NOON);
  });

  test("says the trouble that explains the others, and since when there is any", () => {
    const media = withTrouble(talking(), "media", true, NOON);
    const server = withTrouble(media, "server", true, NOON + 4_000);
    expect(server).toMatchObject({ trouble: "server", troubleSince: NOON });
    expect(withTrouble(server, "peer", true, NOON + 5_000).trouble).toBe("server");
    expect(withTrouble(server, "media", false, NOON + 5_000).trouble).toBe("server");
    expect(withTrouble(server, "server", false, NOON + 5_000)).toMatchObject({ trouble: null, troubleSince: null });
    expect(all(talking(), away(NOON + 30_000))).toMatchObject({ trouble: "peer", awayUntil: NOON + 30_000 });
    expect(all(talking(), away(NOON + 30_000), away(null))).toMatchObject({ trouble: null, awayUntil: null });
  });

  test("ends with how long it was, or as taken back", () => {
    expect(hungUp(talking(), ZHAO, NOON + 61_400).ended).toEqual({ state: "ended", reason: "", by: ZHAO, duration_s: 61 });
    expect(hungUp(calling(), ZHAO, NOON).ended).toMatchObject({ state: "cancelled", duration_s: null });
  });
});

describe("Wang's ring", () => {
  test("lasts as long as the server says, whatever her phone takes the time to be", () => {
    const wrong = NOON - 7_200_000;
    expect(incoming(rings, "tab-2", wrong).until).toBe(wrong + 60_000);
    expect(hear(incoming(rings, "tab-2", wrong), rings, wrong + 9_000).until).toBe(wrong + 69_000);
  });

  test("stops where she did not answer, not where she did", () => {
    const elsewhere: ServerFrame = { type: "call.answered_elsewhere", call: CALL };
    expect(all(incoming(rings, "tab-2", NOON), elsewhere).ended?.reason).toBe("elsewhere");
    expect(isOn(all(incoming(rings, "tab-2", NOON), accepted({ peer: ZHAO, polite: true }), elsewhere))).toBe(true);
  });
});

test("a call that is over stays over and shows nobody's face, whatever still arrives", () => {
  const frames: ServerFrame[] = [rings, accepted(), accepted({ resumed: true }), ended, away(NOON), away(null), { type: "call.rings", call: CALL }, { type: "peer.quality", call: CALL, quality: "poor" }];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...frames)), fc.constantFrom("hung up", "failed", "told"), (late, how) => {
      const state = how === "hung up" ? hungUp(talking(), ZHAO, NOON) : how === "failed" ? failed(talking(), new Error("gone")) : all(talking(), ended);
      expect(all(state, ...late)).toBe(state);
      expect(state).toMatchObject({ stage: "ended", local: null, remote: null, trouble: null });
    }),
  );
});
