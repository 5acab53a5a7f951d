import { describe, expect, test } from "vitest";
import type { Quality } from "./current";
import { heardAs, Looks, sentAs, Steady, Sums } from "./quality";
import { sessionOf, withOpus } from "./sdp";

const inbound = (packetsReceived: number, packetsLost: number) => ({ type: "inbound-rtp", packetsReceived, packetsLost });
const pair = (rtt: number, room: number) => ({ type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: rtt, availableOutgoingBitrate: room });

describe("a look at the connection", () => {
  test("counts what was lost since the look before, of everything that comes in", () => {
    const looks = new Looks();
    expect(looks.read([inbound(100, 0), inbound(40, 10)]).lossIn).toBeNull();
    expect(looks.read([inbound(180, 10), inbound(50, 20)]).lossIn).toBeCloseTo(20 / 110);
  });

  test("begins anew with a new connection, and does not take silence for loss", () => {
    const looks = new Looks();
    looks.read([inbound(500, 50)]);
    expect(looks.read([inbound(10, 0)]).lossIn).toBeNull();
    expect(looks.read([inbound(10, 0)]).lossIn).toBeNull();
    expect(looks.read([inbound(10, -1)]).lossIn).toBeNull();
  });

  test("says in a word how well one hears, and how well one is heard", () => {
    const looks = new Looks();
    const report = { type: "remote-inbound-rtp", fractionLost: 0.2 };
    looks.read([inbound(0, 0)]);
    const sample = looks.read([inbound(100, 1), report, pair(0.08, 900_000)]);
    expect([heardAs(sample), sentAs(sample)]).toEqual(["good", "poor"]);
    expect(sentAs({ ...sample, lossOut: 0, room: 50_000 })).toBe("poor");
    expect(heardAs({ ...sample, lossIn: 0.05 })).toBe("fair");
    expect(heardAs({ lossIn: null, lossOut: null, rtt: null, room: null })).toBe("good");
  });

  test("changes its word when two looks are worse, or three better", () => {
    const said = (...looks: Quality[]) => {
      const steady = new Steady();
      return looks.map((look) => steady.take(look));
    };
    expect(said("good", "poor", "good", "poor", "poor")).toEqual(["good", "good", "good", "good", "poor"]);
    expect(said("poor", "good", "good", "good")).toEqual(["poor", "poor", "poor", "good"]);
  });
});

describe("what was measured over a call", () => {
  const look = (rtt: number | null, lossIn: number | null) => ({ rtt, lossIn, lossOut: null, room: null });

  test("is nothing where the browser told nothing", () => {
    const sums = new Sums();
    sums.take(look(null, null));
    expect(sums.mean).toEqual({ rtt_ms: null, loss_permille: null });
  });

  test("is the mean of the looks that told something, within what the server takes", () => {
    const sums = new Sums();
    for (const one of [look(40, 0.01), look(61, 0.02), look(null, null)]) sums.take(one);
    expect(sums.mean).toEqual({ rtt_ms: 51, loss_permille: 15 });
    sums.take(look(1e9, 1));
    expect(sums.mean).toEqual({ rtt_ms: 60_000, loss_permille: 343 });
  });
});

const SDP = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n";

describe("a description", () => {
  test("asks the other side's Opus for silence in pauses and repair, and is otherwise what the browser wrote", () => {
    const sent = withOpus(SDP);
    expect(sent).toContain("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000\r\n");
    expect(sent.replace(/a=fmtp:111 .*\r\n/, "")).toBe(SDP.replace(/a=fmtp:111 .*\r\n/, ""));
    expect(withOpus("v=0\r\n")).toBe("v=0\r\n");
  });

  test("names the connection that it is of", () => {
    expect(sessionOf(SDP)).toBe("4611731400430051336");
    expect(sessionOf("v=0\r\n")).toBeNull();
  });
});
