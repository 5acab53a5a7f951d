import { backoff } from "./backoff";
import { Emitter } from "./emitter";
import { madeHere, RequestFailed } from "./errors";
import type { Ack, Command, FrameOf, FrameType, ServerFrame } from "./protocol";

/** `signed-out` and `refused` are final: the socket stays closed until start() is called again. */
export type ConnectionState = "connecting" | "online" | "reconnecting" | "offline" | "signed-out" | "refused";

const CLOSE_ABNORMAL = 1006;
const CLOSE_SIGNED_OUT = 4401;
const CLOSE_ORIGIN = 4403;
const CLOSE_FLOOD = 4429;
const PING_EVERY_MS = 25_000;
const SILENCE_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const FLOOD_PAUSE_MS = 10_000;
const FOLLOW_AGAIN_MS = 3_000;

interface Waiting {
  resolve: (ack: Ack) => void;
  reject: (error: RequestFailed) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** One WebSocket for the whole page: reconnects by itself, matches acks to requests, resumes every followed timeline
 * from its cursor. It keeps nothing durable; what must not be lost goes through the outbox. */
export class Socket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private nextId = 1;
  private current: ConnectionState = "offline";
  private wanted = false;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<string, Waiting>();
  private readonly followed = new Map<string, () => number>();
  private readonly frames = new Map<FrameType, Emitter<ServerFrame>>();
  private readonly states = new Emitter<ConnectionState>();

  constructor(private readonly url: string) {}

  get state(): ConnectionState {
    return this.current;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    return this.states.add(listener);
  }

  on<Type extends FrameType>(type: Type, listener: (frame: FrameOf<Type>) => void): () => void {
    const emitter = this.frames.get(type) ?? new Emitter<ServerFrame>();
    this.frames.set(type, emitter);
    return emitter.add(listener as (frame: ServerFrame) => void);
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    window.addEventListener("online", this.retryNow);
    window.addEventListener("offline", this.lost);
    document.addEventListener("visibilitychange", this.retryNow);
    this.connect();
  }

  stop(final: ConnectionState = "offline"): void {
    this.wanted = false;
    window.removeEventListener("online", this.retryNow);
    window.removeEventListener("offline", this.lost);
    document.removeEventListener("visibilitychange", this.retryNow);
    this.drop();
    this.become(final);
  }

  /** Sends a command and resolves with its ack. Rejects with the server's coded error, `client.offline` or `client.timeout`. */
  request(command: Command, timeout = REQUEST_TIMEOUT_MS): Promise<Ack> {
    return new Promise((resolve, reject) => {
      const id = this.write(command);
      if (id === null) return reject(madeHere("client.offline"));
      const timer = setTimeout(() => this.settle(id)?.reject(madeHere("client.timeout")), timeout);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Sends a command nobody waits for; dropped when there is no connection. */
  tell(command: Command): void {
    this.write(command);
  }

  /** Follows a timeline until the returned function is called; after a reconnect it resumes from `cursor()`. */
  follow(consultation: string, cursor: () => number, onError: (error: RequestFailed) => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.followed.set(consultation, cursor);
    const ask = () => {
      clearTimeout(timer);
      this.request({ type: "timeline.follow", consultation, since: cursor() }).catch((error: unknown) => {
        if (!(error instanceof RequestFailed) || this.current !== "online") return;
        if (error.coded.retry) timer = setTimeout(ask, FOLLOW_AGAIN_MS);
        else onError(error);
      });
    };
    const offWelcome = this.on("welcome", ask);
    if (this.current === "online") ask();
    return () => {
      offWelcome();
      clearTimeout(timer);
      if (this.followed.get(consultation) !== cursor) return;
      this.followed.delete(consultation);
      this.tell({ type: "timeline.unfollow", consultation });
    };
  }

  private readonly retryNow = (): void => {
    const asleep = this.current === "reconnecting" || this.current === "offline";
    if (!this.wanted || !asleep || document.visibilityState === "hidden") return;
    this.attempt = 0;
    this.connect();
  };

  private readonly lost = (): void => {
    if (!this.wanted) return;
    this.drop();
    this.become("offline");
  };

  private connect(): void {
    this.drop();
    this.become(this.attempt === 0 && this.current !== "reconnecting" ? "connecting" : "reconnecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.silenceTimer = setTimeout(() => this.closed(CLOSE_ABNORMAL), SILENCE_MS);
    socket.onmessage = (message) => this.receive(String(message.data));
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
  }

  private closed(code: number): void {
    this.drop();
    if (code === CLOSE_SIGNED_OUT) return this.stop("signed-out");
    if (code === CLOSE_ORIGIN) return this.stop("refused");
    this.become(navigator.onLine ? "reconnecting" : "offline");
    const pause = backoff(this.attempt++) + (code === CLOSE_FLOOD ? FLOOD_PAUSE_MS : 0);
    this.reconnectTimer = setTimeout(() => this.connect(), pause);
  }

  /** Lets go of the connection and of everybody who waited for it. */
  private drop(): void {
    clearTimeout(this.reconnectTimer);
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(madeHere("client.offline"));
  }

  private become(state: ConnectionState): void {
    if (state === this.current) return;
    this.current = state;
    this.states.emit(state);
  }

  /** Returns the request id, or null when nothing could be sent. */
  private write(command: Command): string | null {
    if (this.socket?.readyState !== WebSocket.OPEN) return null;
    const id = `r${this.nextId++}`;
    const { type, ...rest } = command;
    this.socket.send(JSON.stringify({ type, id, ...rest }));
    return id;
  }

  private receive(data: string): void {
    this.expectLife();
    const frame = JSON.parse(data) as ServerFrame;
    if (frame.type === "welcome") this.welcomed();
    if (frame.type === "ack") this.settle(frame.id)?.resolve(frame);
    if (frame.type === "error" && frame.id !== null) this.settle(frame.id)?.reject(new RequestFailed(frame));
    this.frames.get(frame.type)?.emit(frame);
  }

  private welcomed(): void {
    this.attempt = 0;
    this.become("online");
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    return waiting;
  }

  /** A connection that stays silent after a ping is dead, whatever the operating system still believes. */
  private expectLife(): void {
    clearTimeout(this.pingTimer);
    clearTimeout(this.silenceTimer);
    this.pingTimer = setTimeout(() => {
      this.tell({ type: "ping" });
      this.silenceTimer = setTimeout(() => this.closed(CLOSE_ABNORMAL), SILENCE_MS);
    }, PING_EVERY_MS);
  }
}

export function socketUrl(location: { protocol: string; host: string }): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/`;
}
