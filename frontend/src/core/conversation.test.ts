import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Conversation } from "./conversation";
import { database } from "./db";
import { Outbox } from "./outbox";
import type { ServerFrame, TimelineEvent } from "./protocol";
import { conversationCopy, copyOf, forgetCopies, keepCopiesFor, keepCopy } from "./snapshots";
import { Socket } from "./socket";

const WANG = "wang";

function said(seq: number): TimelineEvent {
  return { seq, kind: "message.posted", at: seq * 1000, sender: "zhao", client_id: null, body: { text: `line ${seq}` } };
}

const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => said(from + i));
const detail = (last_seq: number) => ({ id: "c1", last_seq, cursors: [], red_flags: [] });

/** The server as far as a conversation asks it; `asked` is every address. */
class Server {
  asked: string[] = [];
  head = 40;
  headers: number[] = []; // what the header says the next times it is asked for, instead of `head`
  answer: "all" | "nothing" | "not_found" = "all";

  readonly fetch = (url: RequestInfo | URL): Promise<Response> => {
    this.asked.push(url as string);
    if (this.answer === "nothing") return Promise.reject(new TypeError("Failed to fetch"));
    if (this.answer === "not_found") return Promise.resolve(new Response(JSON.stringify({ code: "not_found", message: { zh: "没有", en: "None" }, retry: false }), { status: 404 }));
    const events = (url as string).includes("/events");
    return Promise.resolve(new Response(JSON.stringify(events ? { events: lines(this.head - 49, this.head), upto: this.head, head: this.head } : detail(this.headers.shift() ?? this.head))));
  };
}

let server: Server;
let socket: Socket;
let conversation: Conversation;
const hear = (frame: ServerFrame) => (socket as unknown as { receive: (frame: ServerFrame) => void }).receive(frame);
const shown = () => conversation.state.timeline.events.map((event) => event.seq);

beforeEach(async () => {
  server = new Server();
  vi.spyOn(globalThis, "fetch").mockImplementation(server.fetch);
  const db = await database();
  for (const store of ["outbox", "snapshots"] as const) await db.clear(store);
  await keepCopiesFor(WANG, true);
  socket = new Socket("ws://127.0.0.1:1/ws/"); // never started: what comes over it is said here
  conversation = new Conversation("c1", socket, new Outbox(WANG, socket));
});

afterEach(async () => {
  conversation.stop();
  await forgetCopies();
});

describe("Wang's conversation", () => {
  test("is there without a network, as she saw it last, and takes what she writes", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(40), events: lines(11, 40) });
    server.answer = "nothing";
    await conversation.start();
    expect(shown()).toEqual(lines(11, 40).map((event) => event.seq));
    expect(conversation.state).toMatchObject({ loading: false, error: null });
    await conversation.send("在飞机上");
    await vi.waitFor(() => expect(conversation.state.timeline.pending).toMatchObject([{ text: "在飞机上", status: "queued" }]));
  });

  test("says that there is no network when nothing was kept of it", async () => {
    server.answer = "nothing";
    await conversation.start();
    expect(conversation.state).toMatchObject({ loading: false, detail: null, error: { code: "client.offline" } });
  });

  test("follows from what is here when little is missing, and asks for no page again", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(30), events: lines(1, 30) });
    await conversation.start();
    expect(shown()).toHaveLength(30);
    expect(conversation.state.detail?.last_seq).toBe(40);
    expect(server.asked.filter((url) => url.includes("/events"))).toEqual([]);
  });

  test("is not settled by what was kept of it: how far she had read is the server's to say", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(30), events: lines(1, 30) });
    const seen: [boolean, number | undefined][] = [];
    conversation.subscribe(() => seen.push([conversation.state.settled, conversation.state.detail?.last_seq]));
    await conversation.start();
    expect(seen.find(([, last]) => last === 30)).toEqual([false, 30]);
    expect(seen.find(([settled]) => settled)).toEqual([true, 40]);
  });

  test("does not wait for ever for a server that does not answer", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(30), events: lines(1, 30) });
    vi.spyOn(globalThis, "fetch").mockReturnValue(new Promise(() => undefined));
    void conversation.start();
    await vi.waitFor(() => expect(conversation.state.settled).toBe(true), { timeout: 5_000 });
    expect(shown()).toHaveLength(30);
  });

  test("begins with the last page when too much is missing", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(30), events: lines(1, 30) });
    server.head = 500;
    await conversation.start();
    expect(shown()[0]).toBe(451);
    expect(conversation.state.timeline.cursor).toBe(500);
  });

  test("asks for the header again when something happened between it and the events", async () => {
    server.headers = [39];
    await conversation.start();
    await vi.waitFor(() => expect(conversation.state.detail?.last_seq).toBe(40));
  });

  test("asks again for a header that did not come, and for one from before what was heard", async () => {
    await conversation.start();
    vi.spyOn(Socket.prototype, "state", "get").mockReturnValue("online");
    server.answer = "nothing";
    await conversation.refresh();
    server.answer = "all";
    server.headers = [39];
    await vi.waitFor(() => expect(conversation.state.detail?.last_seq).toBe(39), 5_000);
    await vi.waitFor(() => expect(conversation.state.detail?.last_seq).toBe(40), 5_000);
  });

  test("never shows an older header after a newer one, however slowly the answers come", async () => {
    await conversation.start();
    const answers: (() => void)[] = [];
    vi.mocked(globalThis.fetch).mockImplementation(async (url) => {
      const answer = await server.fetch(url);
      await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    });
    server.headers = [41, 42, 43];
    void conversation.refresh();
    void conversation.refresh();
    void conversation.refresh();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    answers[0]?.();
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.();
    await vi.waitFor(() => expect(conversation.state.detail?.last_seq).toBe(42));
    expect(answers).toHaveLength(2);
  });

  test("that she may not read any more is not shown, and its copy is gone", async () => {
    await keepCopy(conversationCopy("c1"), { detail: detail(40), events: lines(1, 40) });
    server.answer = "not_found";
    await conversation.start();
    expect(conversation.state).toMatchObject({ detail: null, error: { code: "not_found" } });
    expect(shown()).toEqual([]);
    await vi.waitFor(async () => expect(await copyOf(conversationCopy("c1"))).toBeNull());
  });

  test("follows what is said with its header, for whose turn it is changes with it", async () => {
    await conversation.start();
    server.head = 41;
    hear({ type: "timeline", consultation: "c1", events: [said(41)], upto: 41, head: 41 });
    await vi.waitFor(() => expect(conversation.state.detail?.last_seq).toBe(41));
  });

  test("asks for what the header says is there and nobody sent", async () => {
    await conversation.start();
    server.head = 42;
    const follow = vi.spyOn(socket, "follow");
    hear({ type: "consultation.changed", consultation: "c1" });
    await vi.waitFor(() => expect(follow).toHaveBeenCalled(), 5_000);
    expect(conversation.state.timeline).toMatchObject({ cursor: 40, head: 42 });
  });

  test("that could not be read is read when it can be, without anybody's doing", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    server.answer = "nothing";
    await conversation.start();
    expect(conversation.state.error).not.toBeNull();
    server.answer = "all";
    await vi.waitFor(() => expect(conversation.state).toMatchObject({ error: null, loading: false, detail: { last_seq: 40 } }), 3_000);
    expect(shown().at(-1)).toBe(40);
  });

  test("is kept with its last fifty events while it is read", async () => {
    await conversation.start();
    conversation.stop();
    await vi.waitFor(async () => expect((await copyOf(conversationCopy("c1")))?.value).toMatchObject({ detail: { last_seq: 40 } }));
  });
});
