/** Browsers write WebM while they record and leave its length out; without it a player cannot seek. This puts it in.
 * Elements and ids: RFC 8794 (EBML) and RFC 9559 (Matroska). */

const HEAD_BYTES = 4096;
const ids = { ebml: 0x1a45dfa3, segment: 0x18538067, seekHead: 0x114d9b74, info: 0x1549a966, cluster: 0x1f43b675, scale: 0x2ad7b1, duration: 0x4489 };
const DEFAULT_SCALE = 1_000_000; // nanoseconds a tick

interface Element {
  id: number;
  /** Where the element, its size and its content begin, and where it ends. */
  at: number;
  sizeAt: number;
  start: number;
  end: number;
}

/** The same recording with its length in seconds written into its head; as it was when it is not a WebM that this understands. */
export async function withLength(sound: Blob, seconds: number): Promise<Blob> {
  const head = new Uint8Array(await sound.slice(0, HEAD_BYTES).arrayBuffer());
  const info = infoOf(head);
  if (!info) return sound;
  const children = [...elements(head, info.start, info.end)];
  if (children.some((one) => one.id === ids.duration)) return sound;
  const scale = children.find((one) => one.id === ids.scale);
  const ticks = (seconds * 1e9) / (scale ? unsigned(head, scale.start, scale.end) : DEFAULT_SCALE);
  const duration = new Uint8Array(11);
  duration.set([0x44, 0x89, 0x88]);
  new DataView(duration.buffer).setFloat64(3, ticks);
  const content = head.slice(info.start, info.end);
  return new Blob([head.slice(0, info.sizeAt), eightBytes(content.length + duration.length), content, duration, sound.slice(info.end)], { type: sound.type });
}

/** The Info element of a segment that was written as it came; null where positions are written down that must not move. */
function infoOf(head: Uint8Array): Element | null {
  const [ebml, segment] = elements(head, 0, head.length);
  if (ebml?.id !== ids.ebml || segment?.id !== ids.segment) return null;
  for (const child of elements(head, segment.start, head.length)) {
    if (child.id === ids.seekHead || child.id === ids.cluster) return null;
    if (child.id === ids.info) return child.end <= head.length ? child : null;
  }
  return null;
}

/** The elements from `at`, one after the other. An element of unknown size ends with `end`. */
function* elements(bytes: Uint8Array, at: number, end: number): Generator<Element> {
  let place = at;
  while (place < end) {
    const idLength = widthOf(bytes[place]);
    const sizeAt = place + idLength;
    const sizeLength = widthOf(bytes[sizeAt]);
    if (idLength > 4 || sizeLength > 8 || sizeAt + sizeLength > end) return;
    const marked = unsigned(bytes, sizeAt, sizeAt + sizeLength);
    const size = marked - 2 ** (7 * sizeLength);
    const start = sizeAt + sizeLength;
    const unknown = size === 2 ** (7 * sizeLength) - 1;
    const element = { id: unsigned(bytes, place, sizeAt), at: place, sizeAt, start, end: unknown ? end : start + size };
    yield element;
    place = element.end;
  }
}

/** How many bytes a number takes: its leading zeros say so. 9 when it is none. */
const widthOf = (first: number | undefined): number => (first ? Math.clz32(first) - 23 : 9);

/** Exact up to 2^53, and a size of 2^56 - 1 (unknown) comes out as itself, rounded the same on both sides. */
function unsigned(bytes: Uint8Array, start: number, end: number): number {
  return bytes.slice(start, end).reduce((value, byte) => value * 256 + byte, 0);
}

/** A size in eight bytes, of which the first says how many follow. */
function eightBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(4, size);
  bytes[0] = 1;
  return bytes;
}
