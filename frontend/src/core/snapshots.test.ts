import { beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "./db";
import { madeHere, RequestFailed } from "./errors";
import { forgetSession, rememberSession, resumeSession, type Session } from "./session";
import { conversationCopy, copyOf, keepCopy, orCopy, trimCopies } from "./snapshots";

const HOUR = 3600_000;

function of(id: string, surface: Session["surface"] = "patient"): Session {
  return { person: { id, name: id, title: null, department: null, role: surface }, surface, roles: [surface], language: "zh-Hans" } as unknown as Session;
}

const answers = (status: number, content: unknown) => vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response(JSON.stringify(content), { status })));
const noNetwork = () => vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));

beforeEach(async () => {
  vi.useRealTimers();
  await (await database()).clear("snapshots");
  await forgetSession();
});

describe("Wang's browser without a network", () => {
  test("still knows whose it is and what she saw", async () => {
    await rememberSession(of("wang"));
    expect(await orCopy("consultations", () => Promise.resolve(["头晕"]))).toEqual(["头晕"]);
    noNetwork();
    expect((await resumeSession()).person.id).toBe("wang");
    expect(await orCopy("consultations", () => Promise.reject(madeHere("client.offline")))).toEqual(["头晕"]);
  });

  test("does not wait for a network that answers nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await rememberSession(of("wang"));
    vi.spyOn(globalThis, "fetch").mockReturnValue(new Promise(() => undefined));
    const resumed = resumeSession();
    await vi.waitFor(() => expect(globalThis.fetch).toHaveBeenCalled());
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await resumed).person.id).toBe("wang");
  });

  test("never takes a copy for an answer: what the server refuses is refused", async () => {
    await rememberSession(of("wang"));
    await keepCopy("consultations", ["头晕"]);
    const refusal = new RequestFailed({ code: "not_found", message: null, retry: false }, 404);
    await expect(orCopy("consultations", () => Promise.reject(refusal))).rejects.toBe(refusal);
  });

  test("has forgotten her after twelve hours", async () => {
    await rememberSession(of("wang"));
    await keepCopy("consultations", ["头晕"]);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 12 * HOUR + 1);
    noNetwork();
    await expect(resumeSession()).rejects.toMatchObject({ coded: { code: "client.offline" } });
    expect(await copyOf("consultations")).toBeNull();
  });

  test("keeps her last twenty conversations and no more", async () => {
    await rememberSession(of("wang"));
    let now = 1_000_000;
    vi.spyOn(Date, "now").mockImplementation(() => now++);
    for (let n = 0; n < 22; n++) await keepCopy(conversationCopy(String(n)), n);
    await trimCopies();
    expect(await copyOf(conversationCopy("1"))).toBeNull();
    expect((await copyOf(conversationCopy("2")))?.value).toBe(2);
  });
});

describe("the next person of the same browser", () => {
  const left = async () => (await (await database()).getAll("snapshots")).map((copy) => copy.key);

  test("finds nothing of Wang's when she has signed out", async () => {
    await rememberSession(of("wang"));
    await keepCopy("consultations", ["头晕"]);
    await forgetSession();
    expect(await left()).toEqual([]);
    await keepCopy("consultations", ["too late"]);
    expect(await left()).toEqual([]);
  });

  test("finds nothing of hers when her session ran out", async () => {
    await rememberSession(of("wang"));
    await keepCopy("consultations", ["头晕"]);
    answers(401, { code: "signed_out", message: { zh: "请先登录。", en: "Please sign in." }, retry: false });
    await expect(resumeSession()).rejects.toMatchObject({ coded: { code: "signed_out" } });
    expect(await left()).toEqual([]);
  });

  test("finds nothing of hers on signing in over her", async () => {
    await rememberSession(of("wang"));
    await keepCopy("consultations", ["头晕"]);
    await rememberSession(of("li"));
    expect(await left()).toEqual(["session"]);
    expect(await copyOf("consultations")).toBeNull();
  });

  test("finds nothing of what a doctor read, and nothing at all of an officer", async () => {
    await rememberSession(of("zhao", "doctor"));
    await keepCopy(conversationCopy("c1"), "血压");
    expect(await left()).toEqual(["session"]);
    await rememberSession(of("zhou", "compliance"));
    await keepCopy(conversationCopy("c1"), "血压");
    expect(await left()).toEqual([]);
  });
});
