import type { ServerFrame } from "./protocol";

/** Carries frames to and from the server. Whoever made it hears `over` once, with a close code, unless they closed it themselves. */
export interface Wire {
  /** False when nothing could be sent. */
  send(frame: { type: string; id: string }): boolean;
  close(): void;
}

export interface WireEnds {
  hear: (frame: ServerFrame) => void;
  over: (code: number) => void;
}

export const CLOSE_ABNORMAL = 1006;
/** Made here: it opened to nobody. Some networks swallow WebSockets instead of refusing them. */
export const CLOSE_SILENT = 4000;
export const CLOSE_SIGNED_OUT = 4401;
export const CLOSE_ORIGIN = 4403;
export const CLOSE_FLOOD = 4429;

const PING_EVERY_MS = 25_000;
const SILENCE_MS = 10_000;

/** A WebSocket that notices when the other end is gone, whatever the operating system still believes. */
export class SocketWire implements Wire {
  private readonly socket: WebSocket;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private pings = 0;

  constructor(
    url: string,
    private readonly ends: WireEnds,
    patience: number,
  ) {
    this.socket = new WebSocket(url);
    this.silenceTimer = setTimeout(() => this.end(CLOSE_SILENT), patience);
    this.socket.onmessage = (message) => this.receive(String(message.data));
    this.socket.onclose = (event) => this.end(event.code);
  }

  send(frame: { type: string; id: string }): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    this.socket.onmessage = null;
    this.socket.onclose = null;
    this.socket.close();
  }

  private end(code: number): void {
    this.close();
    this.ends.over(code);
  }

  private receive(data: string): void {
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    this.pingTimer = setTimeout(() => {
      this.send({ type: "ping", id: `p${this.pings++}` });
      this.silenceTimer = setTimeout(() => this.end(CLOSE_ABNORMAL), SILENCE_MS);
    }, PING_EVERY_MS);
    this.ends.hear(JSON.parse(data) as ServerFrame);
  }
}
