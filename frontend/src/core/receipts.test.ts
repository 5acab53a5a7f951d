// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import { database, type Receipt } from "./db";
import { checkReceipt, getLedgerKeys, keptReceipts, parseKey, type SignedReceipt } from "./receipts";
import vectors from "./receipts.vectors.json";

/** Made by the server's own code (tests/records/ledger/test_receipts.py keeps them so). */
const commits: SignedReceipt[][] = vectors.commits;
const all = commits.flat();
const seventh = commits.at(-1)![6]!;
const key = await parseKey(vectors.key);
const SECOND_KEY = "xinqiao.vectors/ledger+cba37bde+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";
const other = "A".repeat(43) + "=";

afterEach(() => vi.restoreAllMocks());

describe("a receipt", () => {
  test("of every place in commits of every size is valid", async () => {
    expect(all.length).toBe(30);
    for (const receipt of all) expect(await checkReceipt(receipt, [key]), `${receipt.index} of ${receipt.size}`).toBe("valid");
  });

  test.each<[string, Partial<SignedReceipt>]>([
    ["another entry", { leaf: other }],
    ["another place", { index: 7 }],
    ["another size", { size: 14 }],
    ["another time", { at: seventh.at + 1 }],
    ["one hash less", { path: seventh.path.slice(1) }],
    ["one hash more", { path: [...seventh.path, other] }],
    ["hashes exchanged", { path: [...seventh.path].reverse() }],
    ["another signature", { sig: commits[0]![0]!.sig }],
    ["no signature", { sig: "" }],
    ["base64 that is not canonical", { sig: seventh.sig.replace(/=+$/, "") }],
    ["a place beyond its commit", { index: 13 }],
    ["a place before it", { index: -1 }],
    ["a fraction of a time", { at: 0.5 }],
  ])("with %s is wrong", async (_what, change) => {
    expect(await checkReceipt({ ...seventh, ...change }, [key])).toBe("wrong");
  });

  test("with a member too many or too few is wrong, as is what is none", async () => {
    expect(await checkReceipt({ ...seventh, note: "paid" }, [key])).toBe("wrong");
    const without = Object.fromEntries(Object.entries(seventh).filter(([name]) => name !== "at"));
    for (const nothing of [without, null, "receipt", 7, [], { ...seventh, path: "x" }]) expect(await checkReceipt(nothing, [key])).toBe("wrong");
  });

  test("of a commit of one proves nothing about another entry", async () => {
    expect(await checkReceipt({ ...commits[0]![0]!, path: [other] }, [key])).toBe("wrong");
  });

  test("signed with another key is told apart from a wrong one", async () => {
    expect(await checkReceipt({ ...seventh, key: "00000000" }, [key])).toBe("other_key");
  });

  test("cannot be checked where the browser knows no Ed25519", async () => {
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no such algorithm", "NotSupportedError"));
    expect(await checkReceipt(seventh, [key])).toBe("unsupported");
  });
});

describe("the ledger's key", () => {
  test("is read as the server writes it", () => {
    expect([key.name, key.id, key.bytes.length]).toEqual(["xinqiao.vectors/ledger", seventh.key, 32]);
  });

  test.each([
    ["another name", vectors.key.replace("vectors", "vector")],
    ["another id", vectors.key.replace(/\+[0-9a-f]{8}\+/, "+00000000+")],
    ["a witness's algorithm", vectors.key.replace("+A", "+B")],
    ["half of it", vectors.key.slice(0, -8)],
    ["nothing", ""],
  ])("with %s is refused", async (_what, text) => {
    await expect(parseKey(text)).rejects.toThrow();
  });
});

test("the key that came first is remembered, so that a change is noticed", async () => {
  localStorage.clear();
  const answers = [vectors.key, SECOND_KEY];
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response(JSON.stringify({ key: answers.shift() }))));
  expect(await getLedgerKeys()).toEqual({ current: key, first: key });
  const later = await getLedgerKeys();
  expect([later.current.id === key.id, later.first.id === key.id]).toEqual([false, true]);
  expect(await checkReceipt(seventh, [later.current, later.first])).toBe("valid");
});

test("only one's own receipts are listed, the newest first", async () => {
  const db = await database();
  await db.clear("receipts");
  const kept = (client_id: string, owner: string, at: number, receipt: unknown = seventh): Receipt => ({ client_id, owner, consultation: "c1", at, receipt });
  const rows = [kept("a", "wang", 1), kept("b", "wang", 3), kept("c", "li", 2), kept("d", "wang", 2), kept("e", "wang", 4, null)];
  await db.write(["receipts"], (open) => rows.forEach((row) => open("receipts").put(row)));
  expect((await keptReceipts("wang", 10)).map((one) => one.client_id)).toEqual(["b", "d", "a"]);
  expect(await keptReceipts("wang", 1)).toHaveLength(1);
});
