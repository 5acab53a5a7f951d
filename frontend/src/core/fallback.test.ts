// @vitest-environment jsdom
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { Socket } from "./socket";

interface Asked {
  line: string;
  since: Record<string, number>;
}

/** A hospital behind a proxy that lets WebSockets through only when `open`: polls and commands over HTTP on loopback. */
class Hospital {
  open = false;
  /** What the proxy does with a WebSocket: refuse it, or swallow it. */
  swallows = false;
  readonly polls: Asked[] = [];
  readonly commands: Record<string, unknown>[] = [];
  readonly followed: Record<string, unknown>[] = [];
  readonly server: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly lines = new Set<string>();
  private waiting: ServerResponse | null = null;
  private kept: object[] = [];
  private readonly raw = new Set<Duplex>();

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.on("upgrade", (request, socket, head) => {
      this.raw.add(socket);
      if (!this.open && !this.swallows) socket.destroy();
      if (!this.open) return;
      this.sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on("message", (data) => this.followed.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>));
        opened.send(JSON.stringify({ type: "welcome", person: "wang", at: 1 }));
      });
    });
  }

  get origin(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  say(frame: object): void {
    this.kept.push(frame);
    this.deliver();
  }

  close(): Promise<unknown> {
    for (const one of this.raw) one.destroy();
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += String(part);
    if (request.url === "/api/session/socket-ticket") {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ ticket: "t" }));
      return;
    }
    const asked = JSON.parse(body) as Asked & Record<string, unknown>;
    if (request.url === "/poll/") return this.poll(asked, response);
    this.commands.push(asked);
    const refused = asked["type"] === "consultation.claim";
    response.writeHead(refused ? 409 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(refused ? { code: "consultation.taken", message: { zh: "已被接诊", en: "Taken" }, retry: false } : { type: "ack", id: asked["id"], seq: 7 }));
  }

  private poll(asked: Asked, response: ServerResponse): void {
    this.polls.push(asked);
    this.waiting?.end(JSON.stringify({ frames: [] }));
    this.waiting = response;
    response.writeHead(200, { "Content-Type": "application/json" });
    if (!this.lines.has(asked.line)) this.kept.push({ type: "welcome", person: "wang", at: 1 });
    this.lines.add(asked.line);
    for (const thread of Object.keys(asked.since)) {
      if (!this.lines.has(thread)) this.kept.push(thread === "secret" ? { type: "error", id: thread, code: "not_found", message: null, retry: false } : { type: "ack", id: thread, consultation: thread });
      this.lines.add(thread);
    }
    this.deliver();
  }

  private deliver(): void {
    if (!this.waiting || this.kept.length === 0) return;
    this.waiting.end(JSON.stringify({ frames: this.kept.splice(0) }));
    this.waiting = null;
  }
}

let hospital: Hospital;
let socket: Socket;
const realFetch = globalThis.fetch;

beforeEach(async () => {
  hospital = new Hospital();
  await new Promise<void>((resolve) => hospital.server.listen(0, "127.0.0.1", resolve));
  globalThis.fetch = (url, init) => realFetch(`http://${hospital.origin}${url as string}`, init);
  socket = new Socket(`ws://${hospital.origin}/ws/`);
});

afterEach(async () => {
  socket.stop();
  globalThis.fetch = realFetch;
  await hospital.close();
});

const online = () => vi.waitFor(() => expect(socket.state).toBe("online"));

describe("where no WebSocket gets through", () => {
  test("the page polls instead, and hears and says the same", async () => {
    socket.start();
    await online();
    expect(socket.slow).toBe(true);
    const heard: unknown[] = [];
    socket.on("timeline", (frame) => heard.push(frame.upto));
    socket.follow("c1", () => 4, () => undefined);
    await vi.waitFor(() => expect(hospital.polls.at(-1)?.since).toEqual({ c1: 4 }));
    hospital.say({ type: "timeline", consultation: "c1", events: [], upto: 5, head: 5 });
    await vi.waitFor(() => expect(heard).toEqual([5]));
    const ack = await socket.request({ type: "message.send", consultation: "c1", client_id: "abcdefgh", text: "好" });
    expect(ack.seq).toBe(7);
    expect(hospital.commands).toEqual([{ type: "message.send", id: ack.id, consultation: "c1", client_id: "abcdefgh", text: "好" }]);
    await expect(socket.request({ type: "consultation.claim", consultation: "c1" })).rejects.toMatchObject({ coded: { code: "consultation.taken" } });
    expect(new Set(hospital.polls.map((poll) => poll.line)).size).toBe(1);
  });

  test("a timeline that may not be read says so to whoever asked for it, and is not asked for again", async () => {
    socket.start();
    await online();
    const refused = vi.fn();
    socket.follow("secret", () => 0, refused);
    await vi.waitFor(() => expect(refused).toHaveBeenCalledOnce());
    socket.follow("c1", () => 0, () => undefined);
    await vi.waitFor(() => expect(hospital.polls.at(-1)?.since).toEqual({ c1: 0 }));
  });

  // The best of three: a busy machine may hold up one of them.
  test("a WebSocket that is swallowed is not waited for longer than a patient would", { retry: 2 }, async () => {
    hospital.swallows = true;
    const before = Date.now();
    socket.start();
    await online();
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(socket.slow).toBe(true);
  });

  test("it goes back to a WebSocket once one gets through, and resumes from where it stands", async () => {
    let cursor = 4;
    socket.start();
    await online();
    socket.follow("c1", () => cursor, () => undefined);
    await vi.waitFor(() => expect(hospital.polls.at(-1)?.since).toEqual({ c1: 4 }));
    cursor = 9;
    hospital.open = true;
    await vi.waitFor(() => expect(socket.slow).toBe(false));
    expect(socket.state).toBe("online");
    await vi.waitFor(() => expect(hospital.followed[0]).toMatchObject({ type: "timeline.follow", since: 9 }));
    const polls = hospital.polls.length;
    hospital.say({ type: "timeline", consultation: "c1", events: [], upto: 10, head: 10 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(hospital.polls).toHaveLength(polls);
  });

  test("a server that is away altogether is not taken for one that blocks WebSockets", async () => {
    const refusing = new Socket(`ws://${hospital.origin}/ws/`);
    globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    refusing.start();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect([refusing.state, refusing.slow]).toEqual(["reconnecting", false]);
    refusing.stop();
  });
});
