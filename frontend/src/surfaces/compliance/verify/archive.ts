import { hex } from "@core/bytes";
/** An evidence pack's ZIP in its one form, read piece by piece: stored files one after the other, and a directory that says the same. */

export class BadPack extends Error {
  constructor(readonly item: string) {
    super(item);
  }
}

export interface Member {
  offset: number;
  size: number;
  sha256: string;
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const LOCAL = [0x50, 0x4b, 0x03, 0x04, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
const MAX_FILES = 65_000;
/** A browser hashes a file in one piece; none of ours is larger. */
const MAX_MEMBER = 268_435_456;
const HEAD = 30;

/** Every member with its digest, once every byte of the file is accounted for. Throws BadPack. */
export async function readArchive(file: Blob, onProgress: (share: number) => void): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const directory: Uint8Array[] = [];
  let place = 0;
  for (;;) {
    const head = await bytes(file, place, HEAD);
    if (!LOCAL.slice(0, 4).every((byte, i) => head[i] === byte)) break;
    if (head.length < HEAD || !LOCAL.every((byte, i) => head[i] === byte)) throw new BadPack(`byte ${place}`);
    const { size, name, start } = await header(file, head, place);
    if (members.has(name) || members.size >= MAX_FILES) throw new BadPack(name);
    if (size > MAX_MEMBER || start + size > file.size) throw new BadPack(name);
    members.set(name, { offset: start, size, sha256: hex(await sha256(await bytes(file, start, size))) });
    directory.push(entry(head, name, place));
    place = start + size;
    onProgress(place / file.size);
  }
  if (!same(join([...directory, ending(members.size, directory, place)]), await bytes(file, place, file.size - place))) throw new BadPack("directory");
  return members;
}

async function header(file: Blob, head: Uint8Array<ArrayBuffer>, place: number) {
  const view = new DataView(head.buffer);
  const [stored, size] = [view.getUint32(18, true), view.getUint32(22, true)];
  const [length, extra] = [view.getUint16(26, true), view.getUint16(28, true)];
  const name = new TextDecoder("latin1").decode(await bytes(file, place + HEAD, length));
  if (extra !== 0 || stored !== size || length > 200 || !NAME.test(name)) throw new BadPack(`byte ${place}`);
  return { size, name, start: place + HEAD + length };
}

/** What the directory must say about a member. */
function entry(head: Uint8Array, name: string, place: number): Uint8Array {
  const made = new Uint8Array(46 + name.length);
  const view = new DataView(made.buffer);
  made.set([0x50, 0x4b, 0x01, 0x02, 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
  made.set(head.subarray(14, HEAD), 16);
  view.setUint32(42, place, true);
  made.set(new TextEncoder().encode(name), 46);
  return made;
}

function ending(count: number, directory: readonly Uint8Array[], place: number): Uint8Array {
  const made = new Uint8Array(22);
  const view = new DataView(made.buffer);
  made.set([0x50, 0x4b, 0x05, 0x06]);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, directory.reduce((sum, one) => sum + one.length, 0), true);
  view.setUint32(16, place, true);
  return made;
}

export const bytes = async (file: Blob, start: number, size: number) => new Uint8Array(await file.slice(start, start + size).arrayBuffer());
export const sha256 = async (data: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

export const same = (one: Uint8Array, other: Uint8Array) => one.length === other.length && one.every((byte, i) => byte === other[i]);
