import { fromBase64, hex, toBase64 } from "@core/bytes";
import { BadPack, join, same, sha256 } from "./archive";

/** A C2SP verifier key, ready to check signatures. */
export interface LogKey {
  line: string;
  name: string;
  id: Uint8Array;
  key: CryptoKey;
}

/** This browser cannot check Ed25519 signatures: nothing can be said about a pack here. */
export class NoSignatures extends Error {}

/** Reads `name+id+base64`. Throws BadPack, and NoSignatures where the browser lacks Ed25519. */
export async function readKey(line: string): Promise<LogKey> {
  const [name = "", id = "", ...rest] = line.trim().split("+");
  const raw = base64(rest.join("+"), "key");
  const expected = (await sha256(join([new TextEncoder().encode(`${name}\n`), raw]))).slice(0, 4);
  if (raw.length !== 33 || raw[0] !== 1 || hex(expected) !== id) throw new BadPack("key");
  try {
    return { line: line.trim(), name, id: expected, key: await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]) };
  } catch {
    throw new NoSignatures();
  }
}

/** The text of a signed note, when the key signed it. Throws BadPack naming `item`. */
export async function signedText(note: string, key: LogKey, item: string): Promise<string> {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  let good = 0;
  for (const line of note.slice(cut + 2).split("\n")) {
    const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== key.name || !encoded) continue;
    const raw = base64(encoded, item);
    if (!same(raw.slice(0, 4), key.id)) continue;
    if (!(await crypto.subtle.verify("Ed25519", key.key, raw.slice(4), new TextEncoder().encode(text)))) throw new BadPack(item);
    good++;
  }
  if (cut < 0 || good === 0) throw new BadPack(item);
  return text;
}

/** The one encoding of its bytes. */
export function base64(text: string, item: string): Uint8Array<ArrayBuffer> {
  try {
    const raw = fromBase64(text);
    if (toBase64(raw) !== text) throw new BadPack(item);
    return raw;
  } catch {
    throw new BadPack(item);
  }
}
