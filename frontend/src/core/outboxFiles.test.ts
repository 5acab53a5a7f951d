// @vitest-environment node
// Node's own Blob and FormData: those of jsdom cannot be stored in IndexedDB.
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { database, type OutboxFile } from "./db";
import { madeHere, RequestFailed } from "./errors";
import { Outbox, type OutboxChange } from "./outbox";
import { empty, says, Server, unused } from "./outbox.testing";
import type { Uploader } from "./outboxFiles";

const photo = (name: string): OutboxFile => ({ field: "attachments", blob: new Blob([`bytes of ${name}`]), name, meta: {} });
const storedUploads = async () => (await database()).getAll("uploads");

beforeEach(unused);

describe("Wang's photos", () => {
  test("go up before their message, once each and in the order of writing, whatever is lost on the way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("before", "after", null), { maxLength: 8 }), async (losses) => {
        const server = new Server();
        server.losses.push(...losses);
        const outbox = new Outbox("wang", server, Date.now, server.upload);
        outbox.start();
        await outbox.add(says("一"));
        const item = await outbox.add(says("二"), { files: [photo("a.jpg"), photo("b.jpg")] });
        await outbox.add(says("三"));
        while ((await outbox.items()).length > 0) await outbox.flush();
        outbox.stop();
        const [a, b] = [`${item.client_id}-0`, `${item.client_id}-1`];
        expect(server.kept.map((command) => command.type === "message.send" && [command.text, command.attachments])).toEqual([
          ["一", undefined], ["二", [`file-of-${a}`, `file-of-${b}`]], ["三", undefined],
        ]);
        expect([...server.files].map(([client_id, file]) => [client_id, file.url, file.text])).toEqual([
          [a, "/api/consultations/c1/attachments", "a.jpg: bytes of a.jpg"],
          [b, "/api/consultations/c1/attachments", "b.jpg: bytes of b.jpg"],
        ]);
        expect(await storedUploads()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("do not go up again when only the rest was interrupted, even after a reload", async () => {
    const server = new Server();
    server.losses.push(null, "before");
    const before = new Outbox("wang", server, Date.now, server.upload);
    await before.add(says("两张"), { files: [photo("a.jpg"), photo("b.jpg")] });
    await vi.waitFor(() => expect(server.losses).toEqual([]));
    before.stop();
    expect(server.uploads).toBe(1);
    const after = new Outbox("wang", server, Date.now, server.upload);
    after.start();
    await empty(after);
    expect(server.uploads).toBe(2);
    expect(server.kept).toHaveLength(1);
  });

  test("tell how far they are, over all files of the message", async () => {
    const server = new Server();
    const outbox = new Outbox("wang", server, Date.now, server.upload);
    const parts: number[] = [];
    outbox.onChange((change) => change.type === "progress" && parts.push(change.part));
    await outbox.add(says(""), { files: [photo("a.jpg"), photo("b.jpg")] });
    await empty(outbox);
    expect(parts).toEqual([0.25, 0.5, 0.75, 1]);
  });

  test("can be called back while they go up, and leave nothing behind; the next message goes on", async () => {
    const server = new Server();
    const upload: Uploader = (url, form, progress) => {
      if (form.get("client_id") !== `${item.client_id}-1`) return server.upload(url, form, progress);
      let stop: (reason: unknown) => void = () => undefined;
      const done = new Promise<never>((...settle) => (stop = settle[1])); // stuck half way
      server.uploads++;
      return { done, cancel: () => stop(madeHere("client.cancelled")) };
    };
    const outbox = new Outbox("wang", server, Date.now, upload);
    const changes: OutboxChange["type"][] = [];
    outbox.onChange((change) => changes.push(change.type));
    const item = await outbox.add(says("发错了"), { files: [photo("a.jpg"), photo("b.jpg")] });
    await outbox.add(says("你好"));
    await vi.waitFor(() => expect(server.uploads).toBe(2));
    expect((await outbox.cancel(item.client_id))?.client_id).toBe(item.client_id);
    expect(changes).toContain("dropped");
    expect(await storedUploads()).toEqual([]);
    await empty(outbox);
    expect(server.kept.map((command) => command.type === "message.send" && command.text)).toEqual(["你好"]);
  });

  test("that a scanner refuses stay with the reason, and can be tried again", async () => {
    const server = new Server();
    server.refuses = new RequestFailed({ code: "attachment.infected", message: { zh: "有病毒", en: "Infected" }, retry: false });
    const outbox = new Outbox("wang", server, Date.now, server.upload);
    const item = await outbox.add(says("看这个"), { files: [photo("a.jpg")] });
    await vi.waitFor(async () => expect((await outbox.items())[0]).toMatchObject({ state: "failed", error: { code: "attachment.infected" } }));
    expect(server.kept).toEqual([]);
    server.refuses = null;
    await outbox.retry(item.client_id);
    await empty(outbox);
    expect(server.kept).toHaveLength(1);
  });

  test("and a voice note carries what its endpoint wants", async () => {
    const server = new Server();
    const outbox = new Outbox("wang", server, Date.now, server.upload);
    const note: OutboxFile = { field: "voice", blob: new Blob(["opus"]), name: "note.webm", meta: { duration_s: 3.2, peaks: [1, 50, 100] } };
    const item = await outbox.add(says(""), { files: [note] });
    await empty(outbox);
    expect(server.kept[0]).toMatchObject({ voice: `file-of-${item.client_id}-0` });
    expect(server.kept[0]).not.toHaveProperty("attachments");
    const { url, form } = server.files.get(`${item.client_id}-0`)!;
    expect([url, form.get("duration_s"), form.get("peaks")]).toEqual(["/api/consultations/c1/voice-notes", "3.2", "[1,50,100]"]);
  });
});

describe("Dr Zhao's undo time", () => {
  const held = { hold: 5_000 };

  test("keeps a message from everybody until it is over, and the order after it", async () => {
    let now = 1_000_000;
    const server = new Server();
    const outbox = new Outbox("zhao", server, () => now);
    await outbox.add(says("再量一次"), held);
    await outbox.add(says("慢慢来"));
    now += 4_999;
    await outbox.flush();
    expect(server.kept).toEqual([]);
    expect(outbox.holding).toBe(true);
    now += 1;
    await outbox.flush();
    await empty(outbox);
    expect(server.kept.map((command) => command.type === "message.send" && command.text)).toEqual(["再量一次", "慢慢来"]);
    outbox.stop();
  });

  test("gives the message back when it is called back in time, and refuses afterwards", async () => {
    let now = 1_000_000;
    const server = new Server();
    server.state = "offline";
    const outbox = new Outbox("zhao", server, () => now);
    const first = await outbox.add(says("发错人了"), held);
    expect((await outbox.cancel(first.client_id))?.command).toMatchObject({ text: "发错人了" });
    expect(await outbox.items()).toEqual([]);
    const second = await outbox.add(says("对的"), held);
    now += 5_000;
    expect(await outbox.cancel(second.client_id)).toBeNull();
    expect(await outbox.items()).toHaveLength(1);
    outbox.stop();
  });

  test("ends by itself, also when the page was closed meanwhile", async () => {
    const server = new Server();
    const before = new Outbox("zhao", server);
    const began = Date.now();
    await before.add(says("明天复查"), { hold: 300 });
    before.stop();
    const after = new Outbox("zhao", server);
    after.start();
    await vi.waitFor(() => expect(server.kept).toHaveLength(1), { interval: 5 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(300);
    await empty(after);
    expect(server.kept).toHaveLength(1);
  });

  test("can be cut short, for a summary that must come after it", async () => {
    const server = new Server();
    const outbox = new Outbox("zhao", server);
    await outbox.add(says("最后一句"), held);
    await outbox.release("c1");
    expect(server.kept).toHaveLength(1);
    expect(outbox.holding).toBe(false);
  });

  test("never outlasts a clock that was set back", async () => {
    let now = 1_000_000_000;
    const server = new Server();
    const outbox = new Outbox("zhao", server, () => now);
    await outbox.add(says("好"), held);
    now -= 3_600_000;
    await outbox.flush();
    expect(server.kept).toHaveLength(1);
  });
});
