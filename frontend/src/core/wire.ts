import { api, take } from "./api";
import { codedFrom } from "./errors";
import type { ServerFrame } from "./protocol";

/** Carries frames to and from the server. Whoever made it hears `over` once, with a close code, unless they closed it themselves. */
export interface Wire {
  /** False when nothing could be sent. */
  send(frame: { type: string; id: string }): boolean;
  /** Asks for a sign of life: the network may be another one. */
  prove?(): void;
  close(): void;
}

export interface WireEnds {
  hear: (frame: ServerFrame) => void;
  over: (code: number) => void;
}

export const CLOSE_ABNORMAL = 1006;
/** Made here: it opened to nobody. Some networks swallow WebSockets instead of refusing them. */
export const CLOSE_SILENT = 4000;
/** Made here: the server could not be asked for a ticket. That says nothing about WebSockets. */
export const CLOSE_UNREACHED = 4001;
export const CLOSE_SIGNED_OUT = 4401;
export const CLOSE_ORIGIN = 4403;
export const CLOSE_FLOOD = 4429;

const PING_EVERY_MS = 25_000;
const SILENCE_MS = 10_000;
const PROOF_MS = 3_000;
const TICKET_MS = 10_000;

/** What a refused request means for the connection it was made for. */
const CODES: Record<string, number> = { signed_out: CLOSE_SIGNED_OUT, cross_site: CLOSE_ORIGIN };

export function closeCode(error: unknown, otherwise: number): number {
  return CODES[codedFrom(error).code] ?? otherwise;
}

/** A WebSocket, opened with a ticket of its own, that notices when the other end is gone, whatever the operating system still believes. */
export class SocketWire implements Wire {
  private socket: WebSocket | null = null;
  private closed = false;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private pings = 0;

  constructor(
    url: string,
    private readonly ends: WireEnds,
    patience: number,
  ) {
    void this.open(url, patience);
  }

  send(frame: { type: string; id: string }): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  prove(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.ping(PROOF_MS);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    if (!this.socket) return;
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
  }

  /** The ticket is asked for anew each time: it is good for one opening. Not in the address, which others write down. */
  private async open(url: string, patience: number): Promise<void> {
    try {
      const { ticket } = await take(api.POST("/api/session/socket-ticket", { signal: AbortSignal.timeout(TICKET_MS) }));
      if (this.closed) return;
      this.socket = new WebSocket(url, ["xinqiao", `ticket.${ticket}`]);
    } catch (error) {
      if (!this.closed) this.end(closeCode(error, CLOSE_UNREACHED));
      return;
    }
    this.silenceTimer = setTimeout(() => this.end(CLOSE_SILENT), patience);
    this.socket.onmessage = (message) => this.receive(String(message.data));
    this.socket.onclose = (event) => this.end(event.code);
  }

  private end(code: number): void {
    this.close();
    this.ends.over(code);
  }

  private receive(data: string): void {
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    this.pingTimer = setTimeout(() => this.ping(SILENCE_MS), PING_EVERY_MS);
    this.ends.hear(JSON.parse(data) as ServerFrame);
  }

  private ping(patience: number): void {
    clearTimeout(this.silenceTimer);
    this.send({ type: "ping", id: `p${this.pings++}` });
    this.silenceTimer = setTimeout(() => this.end(CLOSE_ABNORMAL), patience);
  }
}
