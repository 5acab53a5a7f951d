import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "./db";
import { RequestFailed } from "./errors";
import { Outbox, type OutboxChange } from "./outbox";
import { empty, says, Server, unused } from "./outbox.testing";
import type { Ack, DurableCommand } from "./protocol";

const WANG = "wang";

const texts = (commands: readonly DurableCommand[]) => commands.map((command) => (command.type === "message.send" ? command.text : command.type));

beforeEach(unused);

describe("Wang's outbox", () => {
  test("delivers every message once and in order, whatever is lost on the way", async () => {
    const lost = fc.array(fc.constantFrom("before", "after", null), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lost, fc.integer({ min: 1, max: 6 }), async (losses, count) => {
        await (await database()).clear("outbox");
        const server = new Server();
        server.losses.push(...losses);
        const outbox = new Outbox(WANG, server);
        outbox.start();
        const wanted = Array.from({ length: count }, (_, i) => `line ${i}`);
        for (const text of wanted) await outbox.add(says(text));
        while ((await outbox.items()).length > 0) await outbox.flush();
        outbox.stop();
        expect(texts(server.kept)).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  test("keeps what was written offline and sends it when the connection is back, even after a reload", async () => {
    const server = new Server();
    server.state = "offline";
    const before = new Outbox(WANG, server);
    before.start();
    await before.add(says("头晕三天"));
    await before.add(says("早上 168/95"));
    before.stop();
    const after = new Outbox(WANG, server);
    after.start();
    expect(texts((await after.items()).map((item) => item.command))).toEqual(["头晕三天", "早上 168/95"]);
    server.become("online");
    await empty(after);
    expect(texts(server.kept)).toEqual(["头晕三天", "早上 168/95"]);
  });

  test("keeps a refused message with the reason, lets the next one through, and sends it again on request", async () => {
    const server = new Server();
    server.refuses = new RequestFailed({ code: "consultation.closed", message: { zh: "已结束", en: "Closed" }, retry: false });
    const outbox = new Outbox(WANG, server);
    const seen: OutboxChange["type"][] = [];
    outbox.onChange((change) => seen.push(change.type));
    const item = await outbox.add(says("还在吗"));
    await vi.waitFor(() => expect(seen).toContain("failed"));
    expect((await outbox.items())[0]).toMatchObject({ state: "failed", error: { code: "consultation.closed" } });
    server.refuses = null;
    await outbox.add(says("谢谢"));
    await vi.waitFor(() => expect(texts(server.kept)).toEqual(["谢谢"]));
    await outbox.retry(item.client_id);
    await empty(outbox);
    expect(texts(server.kept)).toEqual(["谢谢", "还在吗"]);
  });

  test("keeps the server's signed receipt of everything it took", async () => {
    const outbox = new Outbox(WANG, new Server());
    const item = await outbox.add(says("好的"));
    await empty(outbox);
    const receipt = await (await database()).get("receipts", item.client_id);
    expect(receipt).toMatchObject({ owner: WANG, consultation: "c1", receipt: { sig: "s" } });
  });

  test("never touches what another person of the same browser has written", async () => {
    const offline = new Server();
    offline.state = "offline";
    await new Outbox("li", offline).add(says("宝宝发烧"));
    const server = new Server();
    const wang = new Outbox(WANG, server);
    wang.start();
    await wang.flush();
    expect(server.kept).toEqual([]);
    expect(await wang.items()).toEqual([]);
    expect(await (await database()).getAll("outbox")).toHaveLength(1);
  });

  test("sends two consultations side by side: one that is stuck does not hold the other", async () => {
    const server = new Server();
    const outbox = new Outbox(WANG, server);
    const real = server.request.bind(server);
    vi.spyOn(server, "request").mockImplementation((command) => ("consultation" in command && command.consultation === "stuck" ? new Promise<Ack>(() => undefined) : real(command)));
    await outbox.add(says("a", "stuck"));
    await outbox.add(says("b", "free"));
    await vi.waitFor(() => expect(texts(server.kept)).toEqual(["b"]));
  });

  test("says so when the device keeps nothing, sends nothing, and takes it once there is room", async () => {
    const server = new Server();
    const outbox = new Outbox(WANG, server);
    const full = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    await expect(outbox.add(says("头晕三天"))).rejects.toMatchObject({ coded: { code: "client.storage" } });
    full.mockRestore();
    expect(await outbox.items()).toEqual([]);
    await outbox.add(says("头晕三天"));
    await empty(outbox);
    expect(texts(server.kept)).toEqual(["头晕三天"]);
  });
});
