import { afterEach, expect, test, vi } from "vitest";
import { checkProof, findInLedger } from "./ledgerProof";
import vectors from "./ledgerProof.vectors.json";
import { parseKey } from "./receipts";

/** Made by the server's own code (tests/records/ledger/test_receipts.py keeps them so): the entry at place 5 of 11, cosigned by a witness. */
const { proof, leaf } = vectors;
const key = await parseKey(vectors.key);
const lines = proof.split("\n");

afterEach(() => vi.restoreAllMocks());

test("a proof by the server shows the entry in the signed tree", async () => {
  expect(await checkProof(proof, leaf, [key])).toBe("in");
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
  expect(await checkProof(text, hash, [key])).toBe("wrong");
});

test("a tree that another key signed proves nothing", async () => {
  const other = { ...key, bytes: key.bytes.map((byte, i) => (i ? byte : byte ^ 1)) };
  expect(await checkProof(proof, leaf, [other])).toBe("wrong");
});

test.each([
  [200, "in"],
  [409, "waiting"],
  [404, "absent"],
] as const)("asking the server: %d is %s", async (status, place) => {
  const asked = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(proof, { status }));
  const kept = { client_id: "x", owner: "wang", consultation: "c1", seq: 4, at: 1, receipt: { leaf } };
  expect(await findInLedger(kept, [key])).toBe(place);
  expect(asked.mock.calls[0]![0]).toBe("/api/consultations/c1/events/4/proof");
});

test("a server that fails is no answer", async () => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("", { status: 503 }));
  const kept = { client_id: "x", owner: "wang", consultation: "c1", seq: 4, at: 1, receipt: { leaf } };
  await expect(findInLedger(kept, [key])).rejects.toThrow();
});
