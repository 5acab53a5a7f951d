import { hex } from "@core/bytes";
import { BadPack, bytes, join, readArchive, same, sha256, type Member } from "./archive";
import { base64, readKey, signedText, type LogKey } from "./notes";

/** What this browser could prove of a pack. The rest takes the verifier that is inside it. */
export interface Proven {
  files: number;
  entries: number;
  ledger: number;
  /** Entries that had no place in the signed ledger yet. */
  waiting: number;
  /** Entries whose content was destroyed under the tombstones in the pack. */
  shredded: number;
  stones: number;
  cases: { number: string; entries: number; closed: boolean }[];
}

interface Tree {
  size: number;
  root: Uint8Array;
}

interface Row {
  seq: number;
  leaf: string;
  index: number | null;
  proof: string[] | null;
}

interface Leaf {
  at: number;
  chain: string;
  ids: Record<string, string>;
  content: string | null;
  kind: string;
  prev: string;
  seq: number;
}

/** Checks archive, manifests, seal, checkpoint, every chain with its proofs, and every ciphertext against its entry. Throws BadPack. */
export async function checkPack(file: Blob, publicKey: string, onProgress: (share: number) => void): Promise<Proven> {
  const key = await readKey(publicKey);
  const members = await readArchive(file, (share) => onProgress(share / 2));
  const text = async (name: string) => new TextDecoder("utf-8", { fatal: true }).decode(await bytes(file, found(members, name).offset, found(members, name).size));
  await checkSeal(members, text, key);
  const tree = await readCheckpoint(await text("data/checkpoint"), key);
  const about = JSON.parse(await text("data/case.json")) as { cases: { id: string; number: string }[]; chains: { id: string; entries: number }[] };
  const proven: Proven = { files: members.size, entries: 0, ledger: tree.size, waiting: 0, shredded: 0, stones: 0, cases: [] };
  const contents = new Map<string, string>();
  const missing = new Map<string, Leaf>();
  for (const [i, chain] of about.chains.entries()) {
    const rows = lines<Row>(await text(`data/chains/${chain.id.replaceAll("-", "")}.jsonl`));
    const leaves = await checkChain(chain.id, rows, tree);
    if (leaves.length !== chain.entries) throw new BadPack(`chain ${chain.id}`);
    proven.entries += leaves.length;
    proven.waiting += rows.filter(({ index }) => index === null).length;
    for (const leaf of leaves)
      if (leaf.content) {
        contents.set(`${chain.id}#${leaf.seq}`, leaf.content);
        missing.set(`${chain.id}#${leaf.seq}`, leaf);
      }
    const one = about.cases.find(({ id }) => id === chain.id);
    if (one) proven.cases.push({ number: one.number, entries: leaves.length, closed: leaves.at(-1)?.kind === "consultation.closed" });
    onProgress(0.5 + (i + 1) / about.chains.length / 2);
  }
  if (proven.cases.length !== about.cases.length || proven.cases.length === 0) throw new BadPack("data/case.json");
  for (const row of lines<{ chain: string; seq: number; file: string }>(await text("data/contents.jsonl"))) {
    if (contents.get(`${row.chain}#${row.seq}`) !== found(members, row.file).sha256) throw new BadPack(row.file);
    missing.delete(`${row.chain}#${row.seq}`);
  }
  for (const row of lines<{ chain: string; seq: number }>(await text("data/recordings.jsonl"))) missing.delete(`${row.chain}#${row.seq}`);
  const stones = members.has("data/tombstones.jsonl") ? await readTombstones(lines<Row>(await text("data/tombstones.jsonl")), tree) : [];
  const named = new Set([...missing.values()].map((leaf) => stoneOf(leaf, stones)).filter((stone) => stone !== undefined));
  for (const stone of stones) if (!named.has(stone)) throw new BadPack(`tombstone #${stone.seq}`);
  proven.stones = stones.length;
  proven.shredded = [...missing.values()].filter((leaf) => stoneOf(leaf, stones)).length;
  return proven;
}

/** The chain of retention, in which every destruction is an entry. */
const RETENTION = "00000000-0000-4000-8000-000000000002";
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^(chart\.entry|follow_up|transcript)\./, "record"],
  [/^(grant|hold|rights)\./, "access"],
];
const classOf = (kind: string) => CLASSES.find(([begins]) => begins.test(kind))?.[1] ?? "dialogue";

/** Each proven by itself: the acts between them are other people's. */
async function readTombstones(rows: readonly Row[], tree: Tree): Promise<Leaf[]> {
  const stones: Leaf[] = [];
  for (const row of rows) {
    const [item, leaf] = [`tombstone #${row.seq}`, JSON.parse(row.leaf) as Leaf];
    if (leaf.chain !== RETENTION || leaf.kind !== "content.shredded" || leaf.seq !== row.seq || row.index === null) throw new BadPack(item);
    const digest = await sha256(join([Uint8Array.of(0), new TextEncoder().encode(row.leaf)]));
    if (!same(await rootFrom(digest, row.index, tree.size, row.proof ?? [], item), tree.root)) throw new BadPack(item);
    stones.push(leaf);
  }
  return stones;
}

function stoneOf(leaf: Leaf, stones: readonly Leaf[]): Leaf | undefined {
  const about = (stone: Leaf) => stone.ids["about"] === undefined || Object.values(leaf.ids).includes(stone.ids["about"]);
  return stones.find((stone) => stone.ids["scope"] === leaf.chain && stone.ids["class"] === classOf(leaf.kind) && leaf.at <= stone.at && about(stone));
}

type Reader = (name: string) => Promise<string>;

async function checkSeal(members: Map<string, Member>, text: Reader, key: LogKey): Promise<void> {
  if ((await text("data/log.pub")).trim() !== key.line) throw new BadPack("data/log.pub");
  const payload = manifest(await text("manifest-sha256.txt"));
  const tags = manifest(await text("tagmanifest-sha256.txt"));
  for (const [name, member] of members) {
    if (name === "seal" || name === "tagmanifest-sha256.txt") continue;
    if ((name.startsWith("data/") ? payload : tags).get(name) !== member.sha256) throw new BadPack(name);
  }
  for (const name of [...payload.keys(), ...tags.keys()]) found(members, name);
  const sealed = `xinqiao/evidence-pack/v1\n${found(members, "tagmanifest-sha256.txt").sha256}\n`;
  if ((await signedText(await text("seal"), key, "seal")) !== sealed) throw new BadPack("seal");
}

async function readCheckpoint(note: string, key: LogKey): Promise<Tree> {
  const [origin, size = "", root = "", ...rest] = (await signedText(note, key, "data/checkpoint")).split("\n");
  if (origin !== key.name || !/^(0|[1-9][0-9]{0,14})$/.test(size) || rest.length !== 1) throw new BadPack("data/checkpoint");
  return { size: Number(size), root: base64(root, "data/checkpoint") };
}

async function checkChain(id: string, rows: readonly Row[], tree: Tree): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  let head = "0".repeat(64);
  for (const [i, row] of rows.entries()) {
    const item = `entry ${id}#${i + 1}`;
    const leaf = JSON.parse(row.leaf) as Leaf;
    if (leaf.seq !== i + 1 || row.seq !== i + 1 || leaf.chain !== id || leaf.prev !== head) throw new BadPack(item);
    const digest = await sha256(join([Uint8Array.of(0), new TextEncoder().encode(row.leaf)]));
    if (row.index !== null && !same(await rootFrom(digest, row.index, tree.size, row.proof ?? [], item), tree.root)) throw new BadPack(item);
    head = hex(digest);
    leaves.push(leaf);
  }
  return leaves;
}

/** RFC 9162, section 2.1.3.2: the one path that it defines. Sizes stay far below 2^53. */
export async function rootFrom(leaf: Uint8Array, index: number, size: number, path: readonly string[], item: string): Promise<Uint8Array> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new BadPack(item);
  let [node, place, last] = [leaf, index, size - 1];
  for (const encoded of path) {
    const sibling = base64(encoded, item);
    if (sibling.length !== 32 || last === 0) throw new BadPack(item);
    if (place % 2 === 1 || place === last) {
      node = await sha256(join([Uint8Array.of(1), sibling, node]));
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else node = await sha256(join([Uint8Array.of(1), node, sibling]));
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw new BadPack(item);
  return node;
}

const half = (value: number) => Math.floor(value / 2);

function manifest(text: string): Map<string, string> {
  return new Map(
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  );
}

const lines = <T>(text: string): T[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

function found(members: Map<string, Member>, name: string): Member {
  const member = members.get(name);
  if (!member) throw new BadPack(name);
  return member;
}
