// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { database } from "../db";
import { madeHere, RequestFailed } from "../errors";
import { newClientId } from "../ids";
import { mayHaveTakes, noteTakes } from "./flag";
import { keep, keptTakes, keyFrom } from "./spool";
import { Take } from "./take";
import type { Opened, Piece, Tus } from "./tus";
import { Uploads } from "./uploads";

const KEY = btoa("k".repeat(32));

/** One track: takes bytes at its own offset alone, and loses a request, its answer, or part of it when told so. */
class Server implements Tus {
  bytes: number[] = [];
  length: number | undefined;
  captured = 0;
  interrupted = false;
  refuses: string | null = null;
  readonly losses: ("before" | "after" | "half" | null)[] = [];

  create(): Promise<Opened> {
    return this.again("/api/tracks/1");
  }

  again(url: string): Promise<Opened> {
    if (this.refuses) return Promise.reject(refusal(this.refuses, 410));
    return Promise.resolve({ url, key: KEY, offset: this.bytes.length });
  }

  async send(_url: string, { offset, bytes, captured_ms, length, interrupted = false }: Piece): Promise<number> {
    await Promise.resolve();
    if (this.refuses) throw refusal(this.refuses, 409);
    const loss = this.losses.shift();
    if (loss === "before") throw madeHere("client.offline");
    if (offset !== this.bytes.length) throw refusal("track.offset", 409);
    this.bytes.push(...bytes.subarray(0, loss === "half" ? bytes.length / 2 : bytes.length));
    if (loss) throw madeHere("client.timeout");
    this.captured = captured_ms;
    this.length = length;
    this.interrupted = interrupted;
    return this.bytes.length;
  }
}

const refusal = (code: string, status: number) => new RequestFailed({ code, message: { zh: code, en: code }, retry: false }, status);
const slice = (n: number) => new Uint8Array(1000).fill(n);
const begin = (server: Tus) => Take.begin({ id: newClientId(), owner: "wang", about: "call/1" }, "/api/calls/1/tracks", {}, server);

async function stored(): Promise<string> {
  const slices = await (await database()).getAll("slices");
  return slices.map(({ sealed }) => new TextDecoder("latin1").decode(sealed)).join("");
}

beforeEach(async () => {
  const db = await database();
  await db.clear("takes");
  await db.clear("slices");
  vi.stubGlobal("setTimeout", (run: () => void) => queueMicrotask(run));
});

describe("a take on its way to the server", () => {
  it("arrives whole and in order whatever is lost on the way, and leaves nothing behind", async () => {
    const server = new Server();
    const kinds = ["before", "after", "half", null] as const;
    // Every loss in every one of the first places, as they come.
    for (let seed = 0; seed < 64; seed++) server.losses.push(kinds[(seed * 7 + (seed >> 2)) % 4] ?? null);
    const take = await begin(server);
    const running = take.run(new AbortController().signal);
    for (let n = 0; n < 40; n++) await take.add(slice(n), (n + 1) * 1000);
    take.end();
    await running;
    expect(server.bytes.length).toBe(40_000);
    expect(server.bytes.every((value, place) => value === Math.floor(place / 1000))).toBe(true);
    expect([server.length, server.captured, server.interrupted, take.unsent]).toEqual([40_000, 40_000, false, 0]);
    expect(await keptTakes("wang")).toEqual([]);
    expect(await stored()).toBe("");
  });

  it("goes on in the next page when its own dies, with all that was kept, and nothing of it stands there in clear", async () => {
    const server = new Server();
    const dead = await begin(server);
    for (let n = 0; n < 5; n++) await dead.add(new TextEncoder().encode("planted marker ".repeat(10)), (n + 1) * 1000);
    expect(await stored()).not.toContain("planted");
    server.bytes = [...new TextEncoder().encode("planted marker ".repeat(10) + "pla")]; // one slice and a bit had arrived
    const uploads = new Uploads("wang", server);
    uploads.start();
    await vi.waitFor(() => expect(server.length).toBe(750));
    expect(new TextDecoder().decode(new Uint8Array(server.bytes))).toBe("planted marker ".repeat(50));
    expect([server.captured, server.interrupted]).toEqual([5000, true]);
    await vi.waitFor(async () => expect(await keptTakes("wang")).toEqual([]));
    uploads.stop();
  });

  it("is nobody else's who uses this browser", async () => {
    const take = await begin(new Server());
    await take.add(slice(1), 1000);
    expect(await keptTakes("chen")).toEqual([]);
    for (const owner of ["wang", "chen"]) noteTakes(owner, true);
    const uploads = new Uploads("chen", new Server());
    uploads.start();
    await vi.waitFor(() => expect(["wang", "chen"].map(mayHaveTakes)).toEqual([true, false]));
    uploads.stop();
  });

  it("does not wait for another that cannot be opened", async () => {
    const server = new Server();
    const broken = { id: "0", owner: "wang", about: "call/1", url: "/api/tracks/0", size: 1, captured_ms: 1000 };
    await keep(broken, await keyFrom(btoa("x".repeat(32))), { offset: 0, bytes: slice(0), captured_ms: 1000 });
    const dead = await begin(server);
    await dead.add(slice(1), 1000);
    const uploads = new Uploads("wang", server);
    uploads.start();
    await vi.waitFor(() => expect(server.length).toBe(1000));
    uploads.stop();
  });

  it("stays done when an answer comes after it was dropped", async () => {
    const server = new Server();
    const take = await begin(server);
    await take.add(slice(1), 1000);
    let answer: (size: number) => void = () => undefined;
    vi.spyOn(server, "send").mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const running = take.run(new AbortController().signal);
    await take.drop();
    answer(1000);
    await running;
    expect([take.state, take.whole, take.unsent]).toEqual(["done", false, 0]);
  });

  it.each(["track.withdrawn", "track.closed", "not_found"])("ends for good, and is forgotten, when the server says %s", async (code) => {
    const server = new Server();
    const take = await begin(server);
    await take.add(slice(1), 1000);
    server.refuses = code;
    await take.run(new AbortController().signal);
    expect(take.state).toBe("done");
    expect(await stored()).toBe("");
    await take.add(slice(2), 2000);
    expect(await stored()).toBe("");
    expect(await Take.resume(take.row, server)).toBeNull();
  });

  it("ends where the server says that recording had stopped", async () => {
    const server = new Server();
    const take = await begin(server);
    const running = take.run(new AbortController().signal);
    await take.add(slice(1), 1000);
    await vi.waitFor(() => expect(server.bytes.length).toBe(1000));
    const send = server.send.bind(server);
    vi.spyOn(server, "send").mockImplementation((url, piece) => (piece.bytes.length > 0 ? Promise.reject(refusal("track.over", 409)) : send(url, piece)));
    await take.add(slice(2), 2000);
    await running;
    expect([server.length, server.captured]).toEqual([1000, 1000]);
  });

  it("is sent all the same when this device has no room for it, and says so", async () => {
    const server = new Server();
    const take = await begin(server);
    const db = await database();
    vi.spyOn(db, "write").mockRejectedValueOnce(new DOMException("full", "QuotaExceededError"));
    await take.add(slice(1), 1000);
    expect([take.state, take.unsent]).toEqual(["unkept", 1]);
    take.end();
    await take.run(new AbortController().signal);
    expect([server.length, take.state]).toEqual([1000, "done"]);
  });
});
