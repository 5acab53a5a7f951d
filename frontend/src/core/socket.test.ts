// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket as ServerSocket } from "ws";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { newClientId } from "./ids";
import { Socket } from "./socket";

/** A real server on loopback that gives tickets, opens WebSockets, records what it is told and says what the test wants. */
class Hospital {
  readonly http = createServer((_request, response) => {
    response.writeHead(this.refuses?.status ?? 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(this.refuses?.error ?? { ticket: `t${++this.tickets}` }));
  });
  readonly server = new WebSocketServer({ server: this.http });
  readonly told: Record<string, unknown>[] = [];
  readonly sockets: ServerSocket[] = [];
  readonly offered: (string | undefined)[] = [];
  tickets = 0;
  refuses: { status: number; error: object } | null = null;
  answers = true;

  constructor() {
    this.server.on("connection", (socket, request) => {
      this.offered.push(request.headers["sec-websocket-protocol"]);
      this.sockets.push(socket);
      socket.on("message", (data) => this.hear(socket, JSON.parse((data as Buffer).toString()) as Record<string, unknown>));
      this.say({ type: "welcome", person: "wang", at: 1 });
    });
  }

  get origin(): string {
    return `127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `ws://${this.origin}/ws/`;
  }

  say(frame: object): void {
    this.sockets.at(-1)?.send(JSON.stringify(frame));
  }

  hang(code?: number): void {
    this.sockets.at(-1)?.close(code);
  }

  private hear(socket: ServerSocket, frame: Record<string, unknown>): void {
    this.told.push(frame);
    if (this.answers && frame["type"] !== "ping") socket.send(JSON.stringify({ type: "ack", id: frame["id"], seq: 7 }));
  }
}

let hospital: Hospital;
let socket: Socket;
const realFetch = globalThis.fetch;

beforeEach(async () => {
  hospital = new Hospital();
  await new Promise<void>((resolve) => hospital.http.listen(0, "127.0.0.1", resolve));
  globalThis.fetch = (url, init) => realFetch(`http://${hospital.origin}${url as string}`, init);
  socket = new Socket(hospital.url);
});

afterEach(async () => {
  socket.stop();
  globalThis.fetch = realFetch;
  for (const one of hospital.server.clients) one.terminate();
  hospital.http.closeAllConnections();
  await new Promise((resolve) => hospital.http.close(resolve));
});

const online = () => vi.waitFor(() => expect(socket.state).toBe("online"));

describe("the socket", () => {
  test("matches each ack to the request that waits for it", async () => {
    socket.start();
    await online();
    const ack = await socket.request({ type: "consultation.claim", consultation: "c1" });
    expect(ack.seq).toBe(7);
    expect(hospital.told[0]).toEqual({ type: "consultation.claim", id: ack.id, consultation: "c1" });
  });

  test("rejects with the server's coded error and stays connected", async () => {
    hospital.answers = false;
    socket.start();
    await online();
    const asked = socket.request({ type: "consultation.claim", consultation: "c1" });
    await vi.waitFor(() => expect(hospital.told).toHaveLength(1));
    hospital.say({ type: "error", id: hospital.told[0]!["id"], code: "claim.taken", message: { zh: "已被接诊", en: "Taken" }, retry: false });
    await expect(asked).rejects.toMatchObject({ coded: { code: "claim.taken", retry: false } });
    expect(socket.state).toBe("online");
  });

  test("comes back by itself and follows each timeline from where this browser stands", async () => {
    let cursor = 4;
    socket.start();
    await online();
    socket.follow("c1", () => cursor, () => undefined);
    await vi.waitFor(() => expect(hospital.told).toHaveLength(1));
    cursor = 9;
    hospital.hang(1012);
    await vi.waitFor(() => expect(hospital.told).toHaveLength(2));
    expect(hospital.told.map((frame) => [frame["type"], frame["since"]])).toEqual([
      ["timeline.follow", 4],
      ["timeline.follow", 9],
    ]);
  });

  test("tells those who wait that the connection is gone, at once", async () => {
    hospital.answers = false;
    socket.start();
    await online();
    const asked = socket.request({ type: "consultation.claim", consultation: "c1" });
    hospital.hang();
    await expect(asked).rejects.toMatchObject({ coded: { code: "client.offline", retry: true } });
  });

  test("shows a ticket of its own at each opening, and never in the address", async () => {
    socket.start();
    await online();
    hospital.hang(1012);
    await vi.waitFor(() => expect(hospital.offered).toEqual(["xinqiao,ticket.t1", "xinqiao,ticket.t2"]));
    await online();
  });

  test("asks for another ticket when one was refused", async () => {
    socket.start();
    await online();
    hospital.hang(4410);
    await vi.waitFor(() => expect(hospital.offered).toHaveLength(2));
    await online();
  });

  test("is signed out, and knocks nowhere, when no ticket is given because the session is over", async () => {
    hospital.refuses = { status: 401, error: { code: "signed_out", message: { zh: "请登录", en: "Please sign in" }, retry: false } };
    socket.start();
    await vi.waitFor(() => expect(socket.state).toBe("signed-out"));
    expect(hospital.sockets).toEqual([]);
  });

  test("keeps asking for a ticket while the server has none to give, without taking WebSockets for blocked", async () => {
    hospital.refuses = { status: 503, error: { code: "unavailable", message: { zh: "忙", en: "Busy" }, retry: true } };
    socket.start();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([socket.state, socket.slow]).toEqual(["reconnecting", false]);
    hospital.refuses = null;
    await online();
    expect(socket.slow).toBe(false);
  });

  test("does not knock again after it was signed out", async () => {
    socket.start();
    await online();
    hospital.hang(4401);
    await vi.waitFor(() => expect(socket.state).toBe("signed-out"));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(hospital.sockets).toHaveLength(1);
  });

  test("returns at once when the network does", async () => {
    socket.start();
    await online();
    window.dispatchEvent(new Event("offline"));
    expect(socket.state).toBe("offline");
    window.dispatchEvent(new Event("online"));
    await online();
    expect(hospital.sockets).toHaveLength(2);
  });

  test("sends nothing while it is down: a lost command is the outbox's business", async () => {
    await expect(socket.request({ type: "consultation.claim", consultation: "c1" })).rejects.toMatchObject({ coded: { code: "client.offline" } });
    expect(hospital.told).toEqual([]);
  });
});

test("client ids are what the protocol asks for, and never the same", () => {
  const ids = Array.from({ length: 1000 }, newClientId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9A-Z]{26}$/);
});

test("client ids begin with their time, to the millisecond", () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const first = newClientId();
  vi.setSystemTime(1_700_000_000_001);
  expect(newClientId() > first).toBe(true);
  vi.setSystemTime(1_700_000_000_000 + 32 ** 6);
  expect(newClientId() > first).toBe(true);
  vi.useRealTimers();
});
