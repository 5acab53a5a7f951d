import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { database } from "./db";
import { madeHere, RequestFailed } from "./errors";
import { newClientId } from "./ids";
import { Outbox, type OutboxChange, type Transport } from "./outbox";
import type { Ack, DurableCommand } from "./protocol";

const WANG = "wang";

/** A server of three lines: it keeps the first of each client id, and drops the request or its answer when told so. */
class Server implements Transport {
  state = "online";
  readonly kept: DurableCommand[] = [];
  readonly drops: ("before" | "after" | null)[] = [];
  refuses: RequestFailed | null = null;
  private readonly listeners = new Set<(state: string) => void>();

  onState(listener: (state: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  become(state: string): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }

  async request(command: DurableCommand): Promise<Ack> {
    await Promise.resolve();
    if (this.refuses) throw this.refuses;
    const drop = this.drops.shift();
    if (drop === "before") throw madeHere("client.offline");
    if (!this.kept.some((one) => one.client_id === command.client_id)) this.kept.push(command);
    if (drop === "after") throw madeHere("client.timeout");
    return { type: "ack", id: "r1", seq: this.kept.length, receipt: { leaf: "x", index: 0, size: 1, path: [], at: 1, sig: "s", key: "k" } };
  }
}

const says = (text: string, consultation = "c1"): DurableCommand => ({ type: "message.send", consultation, client_id: newClientId(), text });
const texts = (commands: readonly DurableCommand[]) => commands.map((command) => (command.type === "message.send" ? command.text : command.type));

async function empty(outbox: Outbox): Promise<void> {
  await vi.waitFor(async () => expect(await outbox.items()).toEqual([]), { timeout: 20_000, interval: 5 });
}

beforeEach(async () => {
  const db = await database();
  await db.clear("outbox");
  await db.clear("receipts");
  // Waiting between tries is somebody else's test.
  vi.spyOn(Math, "random").mockReturnValue(0);
});

describe("Wang's outbox", () => {
  test("delivers every message once and in order, whatever is lost on the way", async () => {
    const losses = fc.array(fc.constantFrom("before", "after", null), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(losses, fc.integer({ min: 1, max: 6 }), async (drops, count) => {
        await (await database()).clear("outbox");
        const server = new Server();
        server.drops.push(...drops);
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
});
