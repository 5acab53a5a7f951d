import { csrfToken } from "../api";
import { isCoded, madeHere, RequestFailed } from "../errors";

/** The little of tus 1.0 (https://tus.io/protocols/resumable-upload) that a file needs which grows while it is sent. */

const VERSION = { "Tus-Resumable": "1.0.0", Accept: "application/json" };
/** No answer for so long: the connection is dead, whatever the operating system still believes. */
const STALL_MS = 30_000;

export interface Opened {
  url: string;
  /** Base64: for what is kept on this device. */
  key: string;
  offset: number;
}

export interface Piece {
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** How much of its own time the device has sent with it. */
  captured_ms: number;
  /** Bytes of the whole file, with its last piece. */
  length?: number | undefined;
  /** The page that recorded it died. */
  interrupted?: boolean;
}

/** All reject with RequestFailed. */
export interface Tus {
  create(url: string, metadata: Readonly<Record<string, string>>): Promise<Opened>;
  /** The key once more, and how much the server has. */
  again(url: string): Promise<Opened>;
  /** Returns how much the server has now. */
  send(url: string, piece: Piece): Promise<number>;
}

export const tus: Tus = {
  async create(url, metadata) {
    const said = Object.entries(metadata).map(([name, value]) => `${name} ${btoa(value)}`);
    const response = await ask(url, "POST", { "Upload-Defer-Length": "1", "Upload-Metadata": said.join(",") });
    const { key, offset } = (await response.json()) as Omit<Opened, "url">;
    return { url: response.headers.get("Location") ?? "", key, offset };
  },
  async again(url) {
    const { key, offset } = (await (await ask(url, "GET")).json()) as Omit<Opened, "url">;
    return { url, key, offset };
  },
  async send(url, { offset, bytes, captured_ms, length, interrupted }) {
    const headers: Record<string, string> = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
      "Upload-Captured": String(Math.round(captured_ms)),
      "Upload-Checksum": `sha256 ${base64(await crypto.subtle.digest("SHA-256", bytes))}`,
    };
    if (length !== undefined) headers["Upload-Length"] = String(length);
    if (interrupted) headers["Upload-Interrupted"] = "1";
    const response = await ask(url, "PATCH", headers, bytes);
    return Number(response.headers.get("Upload-Offset"));
  },
};

async function ask(url: string, method: string, headers: Record<string, string> = {}, body: BodyInit | null = null): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), STALL_MS);
  let response: Response;
  try {
    response = await fetch(url, { method, body, headers: { ...VERSION, "X-CSRFToken": csrfToken(), ...headers }, credentials: "same-origin", signal: controller.signal });
  } catch {
    throw madeHere(controller.signal.aborted ? "client.timeout" : "client.offline");
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  const coded: unknown = await response.json().catch(() => null);
  throw isCoded(coded) ? new RequestFailed(coded, response.status) : madeHere("client.unreadable");
}

const base64 = (buffer: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
