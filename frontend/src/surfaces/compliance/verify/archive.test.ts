// @vitest-environment node
import { describe, expect, test } from "vitest";
import { hex } from "@core/bytes";
import { join, readArchive, same, sha256, type Member } from "./archive";
import { rootFrom } from "./pack";

/** A ZIP as the server writes it. */
function archive(files: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const length = (all: readonly Uint8Array[]) => all.reduce((sum, one) => sum + one.length, 0);
  for (const [name, content] of Object.entries(files)) {
    const data = new TextEncoder().encode(content);
    const sizes = new DataView(new ArrayBuffer(16));
    sizes.setUint32(0, 0x12345678, true); // nobody but the directory repeats the checksum
    sizes.setUint32(4, data.length, true);
    sizes.setUint32(8, data.length, true);
    sizes.setUint16(12, name.length, true);
    const place = new DataView(new ArrayBuffer(14));
    place.setUint32(10, length(parts), true);
    const [own, text] = [new Uint8Array(sizes.buffer), new TextEncoder().encode(name)];
    directory.push(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0), own, new Uint8Array(place.buffer), text);
    parts.push(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0), own, text, data);
  }
  const end = new DataView(new ArrayBuffer(18));
  const count = Object.keys(files).length;
  for (const at of [4, 6]) end.setUint16(at, count, true);
  end.setUint32(8, length(directory), true);
  end.setUint32(12, length(parts), true);
  return join([...parts, ...directory, Uint8Array.of(0x50, 0x4b, 5, 6), new Uint8Array(end.buffer)]);
}

const read = (data: Uint8Array<ArrayBuffer>) => readArchive(new Blob([data]), () => undefined);
const digests = (members: Map<string, Member>) => JSON.stringify([...members].map(([name, { sha256: digest }]) => [name, digest]));

describe("an archive", () => {
  const whole = archive({ "data/case.json": "{}", "data/chains/a.jsonl": "x".repeat(70), seal: "s" });

  test("is read with the digest of every member", async () => {
    const members = await read(whole);
    expect([...members.keys()]).toEqual(["data/case.json", "data/chains/a.jsonl", "seal"]);
    expect(members.get("seal")?.sha256).toBe(hex(await sha256(new TextEncoder().encode("s"))));
  });

  test("with any byte flipped is refused, or has another name or digest", async () => {
    const before = digests(await read(whole));
    for (let place = 0; place < whole.length; place++) {
      const bent = whole.slice();
      bent[place]! ^= 1;
      const after = await read(bent).then(digests, () => "refused");
      expect(after, `byte ${place}`).not.toBe(before);
    }
  });

  test("cut off, prolonged or with a name that leads elsewhere is refused", async () => {
    for (const bent of [whole.slice(0, -1), whole.slice(0, 60), join([whole, Uint8Array.of(0)]), archive({ "../evil": "x" }), archive({ "/etc/passwd": "x" })])
      await expect(read(bent)).rejects.toThrow();
  });
});

describe("a path to the root", () => {
  const hashed = (...parts: Uint8Array[]) => sha256(join(parts));
  const node = (one: Uint8Array, other: Uint8Array) => hashed(Uint8Array.of(1), one, other);

  test("proves each leaf of a tree of five, and no other place or size", async () => {
    const leaves = await Promise.all(["a", "b", "c", "d", "e"].map((letter) => hashed(Uint8Array.of(0), new TextEncoder().encode(letter))));
    const [a, b, c, d, e] = leaves as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [ab, cd] = [await node(a, b), await node(c, d)];
    const abcd = await node(ab, cd);
    const root = await node(abcd, e);
    const coded = (path: Uint8Array[]) => path.map((one) => btoa(String.fromCharCode(...one)));
    const paths = [[b, cd, e], [a, cd, e], [d, ab, e], [c, ab, e], [abcd]];
    for (const [i, path] of paths.entries()) {
      expect(same(await rootFrom(leaves[i]!, i, 5, coded(path), "x"), root)).toBe(true);
      for (const other of [0, 1, 2, 3, 4].filter((one) => one !== i)) {
        const found = await rootFrom(leaves[i]!, other, 5, coded(path), "x").catch(() => new Uint8Array());
        expect(same(found, root), `${i} as ${other}`).toBe(false);
      }
      await expect(rootFrom(leaves[i]!, i, 5, [...coded(path), coded([e])[0]!], "x")).rejects.toThrow();
      await expect(rootFrom(leaves[i]!, i, 5, coded(path).slice(1), "x")).rejects.toThrow();
    }
  });
});
