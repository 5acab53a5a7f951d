import { afterEach, expect, test, vi } from "vitest";
import type { Receipt } from "./db";
import { checkProof, findInLedger } from "./ledgerProof";
import vectors from "./ledgerProof.vectors.json";
import { parseKey } from "./receipts";

/** Made by the server's own code (tests/records/ledger/test_receipts.py keeps them so): the entry at place 5 of 11, cosigned by a witness. */
const { proof, leaf } = vectors;
const kept: Receipt = { ...vectors.kept, at: 1, receipt: { leaf } };
const key = await parseKey(vectors.key);
const lines = proof.split("\n");

afterEach(() => vi.restoreAllMocks());

test("a proof by the server shows the entry in the signed tree", async () => {
  expect(await checkProof(proof, kept, [key])).toBe("in");
});

test.each([
  ["another entry", proof.replace(/extra .*/, "extra e30="), leaf],
  ["another hash", proof, "A".repeat(43) + "="],
  ["another place", proof.replace("index 5", "index 6"), leaf],
  ["a larger tree", proof.replace("\n11\n", "\n12\n"), leaf],
  ["a hash less", [...lines.slice(0, 3), ...lines.slice(4)].join("\n"), leaf],
  ["no header", proof.replace("@v1", "@v2"), leaf],
  ["no signature", proof.replace(/— xinqiao.*\n/, ""), leaf],
  ["another log's name", proof.replaceAll("xinqiao.vectors", "xinqiao.other"), leaf],
  ["nothing in it", "", leaf],
])("with %s it is wrong", async (_what, text, hash) => {
  expect(await checkProof(text, { ...kept, receipt: { leaf: hash } }, [key])).toBe("wrong");
});

test.each<[string, Partial<Receipt>]>([
  ["in another conversation", { consultation: "00000000-0000-0000-0000-000000000009" }],
  ["at another place", { seq: 5 }],
  ["by somebody else", { owner: "00000000-0000-0000-0000-000000000009" }],
  ["of another message", { client_id: "vector-000002" }],
  ["without a place", { seq: null }],
])("a receipt for an entry %s is not for what was sent", async (_what, change) => {
  expect(await checkProof(proof, { ...kept, ...change }, [key])).toBe("other");
});

test("a receipt for another act of the same message is not for what was sent", async () => {
  expect(await checkProof(vectors.another.proof, { ...kept, receipt: { leaf: vectors.another.leaf } }, [key])).toBe("other");
});

test("a tree that another key signed proves nothing", async () => {
  const other = { ...key, bytes: key.bytes.map((byte, i) => (i ? byte : byte ^ 1)) };
  expect(await checkProof(proof, kept, [other])).toBe("wrong");
});

test.each([
  [200, "in"],
  [409, "waiting"],
  [404, "absent"],
] as const)("asking the server: %d is %s", async (status, place) => {
  const asked = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(proof, { status }));
  expect(await findInLedger(kept, [key])).toBe(place);
  expect(asked.mock.calls[0]![0]).toBe(`/api/consultations/${kept.consultation}/events/4/proof`);
});

test("a server that fails is no answer", async () => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("", { status: 503 }));
  await expect(findInLedger(kept, [key])).rejects.toThrow();
});
