import { backoff } from "./backoff";
import { Emitter } from "./emitter";
import { madeHere, RequestFailed } from "./errors";
import type { Ack, Command, FrameOf, FrameType, ServerFrame } from "./protocol";
import { CLOSE_FLOOD, CLOSE_ORIGIN, CLOSE_SIGNED_OUT, CLOSE_SILENT, CLOSE_UNREACHED, SocketWire, type Wire, type WireEnds } from "./wire";

/** `signed-out` and `refused` are final: the socket stays closed until start() is called again. */
export type ConnectionState = "connecting" | "online" | "reconnecting" | "offline" | "signed-out" | "refused";

const REQUEST_TIMEOUT_MS = 15_000;
const FLOOD_PAUSE_MS = 10_000;
const FOLLOW_AGAIN_MS = 3_000;
/** A WebSocket that says nothing for so long is taken for blocked ... */
const WELCOME_MS = 4_000;
/** ... but is given more time while polling serves. */
const PROBE_MS = 10_000;
/** How often a WebSocket is tried while polling serves: soon at first, for a server that only restarted. */
const PROBE_FIRST_MS = 5_000;
const PROBE_EVERY = { first: 30_000, most: 60_000 };
/** So many WebSockets in a row that were not welcomed: this network lets none through. */
const BLOCKED_AFTER = 2;

interface Waiting {
  resolve: (ack: Ack) => void;
  reject: (error: RequestFailed) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** The one live connection of the page: a WebSocket, or polling where none gets through. Reconnects by itself, matches acks
 * to requests, resumes every followed timeline from its cursor. It keeps nothing durable; what must not be lost goes through
 * the outbox. */
export class Socket {
  private wire: Wire | null = null;
  /** A WebSocket that is tried while polling serves. */
  private probe: Wire | null = null;
  private polling = false;
  private toldPolling = false;
  private attempt = 0;
  private unwelcome = 0;
  private nextId = 1;
  private current: ConnectionState = "offline";
  private wanted = false;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private probeTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<string, Waiting>();
  private readonly followed = new Map<string, () => number>();
  private readonly frames = new Map<FrameType, Emitter<ServerFrame>>();
  private readonly states = new Emitter<ConnectionState>();

  constructor(private readonly url: string) {}

  get state(): ConnectionState {
    return this.current;
  }

  /** True while the connection works, but by polling. */
  get slow(): boolean {
    return this.polling && this.current === "online";
  }

  /** Told when `state` or `slow` changes. */
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

  /** Whoever learns that the network is another one asks: a connection that is dead is found out in seconds, not in half a minute. */
  prove(): void {
    this.wire?.prove?.();
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
    this.use((ends) => new SocketWire(this.url, ends, WELCOME_MS), false);
  }

  /** Takes a wire into use. What an earlier one still says is no longer heard, except the answers to its commands. */
  private use(open: (ends: WireEnds) => Wire, polling: boolean): void {
    const wire: Wire = open({
      hear: (frame) => this.receive(frame),
      over: (code) => {
        if (this.wire === wire) this.closed(code);
      },
    });
    this.wire = wire;
    this.polling = polling;
  }

  private closed(code: number): void {
    const polled = this.polling;
    this.drop();
    if (code === CLOSE_SIGNED_OUT) return this.stop("signed-out");
    if (code === CLOSE_ORIGIN) return this.stop("refused");
    this.become(navigator.onLine ? "reconnecting" : "offline");
    const tried = !polled && code !== CLOSE_UNREACHED;
    if (tried) this.unwelcome++;
    const blocked = code === CLOSE_SILENT || this.unwelcome >= BLOCKED_AFTER;
    if (blocked && tried && navigator.onLine) void this.poll();
    else this.connectLater(code === CLOSE_FLOOD ? FLOOD_PAUSE_MS : 0);
  }

  private connectLater(pause = 0): void {
    this.reconnectTimer = setTimeout(() => this.connect(), pause + backoff(this.attempt++));
  }

  /** Tries plain HTTP. Where that fails too, it is not the WebSocket that is blocked: then begin again with one. */
  private async poll(): Promise<void> {
    const polling = await import("./polling").catch(() => null);
    if (!this.wanted || this.wire) return;
    if (!polling) return this.connectLater();
    this.use((ends) => new polling.PollingWire((thread) => this.followed.get(thread)?.() ?? 0, ends), true);
    this.tryAgainIn(PROBE_FIRST_MS);
  }

  private tryAgainIn(pause: number, attempt = 0): void {
    this.probeTimer = setTimeout(() => {
      const later = () => this.tryAgainIn(backoff(attempt, PROBE_EVERY), attempt + 1);
      if (this.current !== "online") return later();
      const over = (code: number) => (this.wire === probe ? this.closed(code) : later());
      const probe: Wire = new SocketWire(this.url, { hear: (frame) => this.welcomedBy(probe, frame), over }, PROBE_MS);
      this.probe = probe;
    }, pause);
  }

  /** A WebSocket got through after all: polling ends. */
  private welcomedBy(probe: Wire, frame: ServerFrame): void {
    if (this.probe === probe) {
      this.wire?.close();
      this.wire = probe;
      this.probe = null;
      this.polling = false;
    }
    if (this.wire === probe) this.receive(frame);
  }

  /** Lets go of the connection and of everybody who waited for it. */
  private drop(): void {
    clearTimeout(this.reconnectTimer);
    clearTimeout(this.probeTimer);
    this.wire?.close();
    this.probe?.close();
    this.wire = this.probe = null;
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(madeHere("client.offline"));
  }

  private become(state: ConnectionState): void {
    if (state === this.current && this.polling === this.toldPolling) return;
    this.current = state;
    this.toldPolling = this.polling;
    this.states.emit(state);
  }

  /** Returns the request id, or null when nothing could be sent. */
  private write(command: Command): string | null {
    const id = `r${this.nextId++}`;
    const { type, ...rest } = command;
    return this.wire?.send({ type, id, ...rest }) ? id : null;
  }

  private receive(frame: ServerFrame): void {
    if (frame.type === "welcome") this.welcomed();
    if (frame.type === "ack") this.settle(frame.id)?.resolve(frame);
    if (frame.type === "error" && frame.id !== null) this.settle(frame.id)?.reject(new RequestFailed(frame));
    this.frames.get(frame.type)?.emit(frame);
  }

  private welcomed(): void {
    this.attempt = 0;
    if (!this.polling) this.unwelcome = 0;
    this.become("online");
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    return waiting;
  }
}

export function socketUrl(location: { protocol: string; host: string }): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/`;
}
