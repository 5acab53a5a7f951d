// @vitest-environment jsdom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { DraftBox, type DraftServer } from "./draftBox";
import { begunPlaces, draftsOf } from "./drafts";
import { madeHere, RequestFailed } from "./errors";

/** One draft of Dr Zhao at the server, and the devices that hear of it. */
class Server {
  text = "";
  version = 0;
  puts = 0;
  refused = 0;
  away = false;
  losesAnswers = false;
  private readonly devices = new Set<(version: number | null) => void>();

  device(): DraftServer {
    let own: (version: number | null) => void = () => undefined;
    return {
      get: () => this.answer(() => ({ text: this.text, version: this.version })),
      put: (text, version) =>
        this.answer(() => {
          this.puts++;
          if (text === this.text) return { text, version: this.version };
          if (version !== this.version) throw new RequestFailed({ code: "draft.newer", message: { zh: "新", en: "Newer" }, retry: false }, 409);
          this.text = text;
          this.version++;
          for (const tell of this.devices) if (tell !== own) tell(this.version);
          return { text, version: this.version };
        }),
      onNews: (listener) => {
        own = listener;
        this.devices.add(listener);
        return () => this.devices.delete(listener);
      },
    };
  }

  back(): void {
    this.away = false;
    for (const tell of this.devices) tell(null);
  }

  private async answer<Result>(act: () => Result): Promise<Result> {
    await Promise.resolve();
    if (this.away) {
      this.refused++;
      throw madeHere("client.offline");
    }
    const result = act();
    if (this.losesAnswers) throw madeHere("client.timeout");
    return result;
  }
}

let server: Server;
let boxes: DraftBox[];
let zhao = 0; // a new doctor for each test: a box may still be writing when its test is over
const begun = async (person: string) => [...begunPlaces(await draftsOf(person), null)];
const owner = (device: string) => `zhao-${zhao}-${device}`;

/** Dr Zhao's desk, phone ...: each browser has a store of its own. */
async function device(name: string, at = server.device()): Promise<DraftBox> {
  const box = new DraftBox(owner(name), "c1", at, 5);
  boxes.push(box);
  await box.start();
  return box;
}

const shows = (box: DraftBox, part: object) => vi.waitFor(() => expect(box.state).toMatchObject(part));
const holds = (text: string) => vi.waitFor(() => expect(server.text).toBe(text));

beforeEach(() => {
  zhao++;
  server = new Server();
  boxes = [];
  return () => boxes.forEach((box) => box.stop());
});

describe("Dr Zhao's draft", () => {
  test("is on her phone when she has begun it at her desk, and changes there as she writes", async () => {
    const desk = await device("desk");
    desk.change("先坐五分钟");
    await holds("先坐五分钟");
    const phone = await device("phone");
    expect(phone.state).toMatchObject({ text: "先坐五分钟", other: null });
    desk.change("先坐五分钟，再量一次");
    await shows(phone, { text: "先坐五分钟，再量一次" });
    phone.change("先坐五分钟，再量两次");
    await shows(desk, { text: "先坐五分钟，再量两次", other: null });
  });

  test("is safe in the browser without a network, also after a reload, and goes up when it is back", async () => {
    server.away = true;
    const before = await device("desk");
    before.change("明天来复查");
    await vi.waitFor(async () => expect(await begun(owner("desk"))).toEqual(["c1"]));
    before.stop();
    const after = await device("desk");
    expect(after.state).toMatchObject({ text: "明天来复查", ready: true });
    server.back();
    await holds("明天来复查");
  });

  test("keeps the words of this device when another wrote meanwhile, and offers those", async () => {
    const desk = await device("desk");
    const phone = await device("phone");
    server.away = true;
    desk.change("桌上写的");
    phone.change("手机上写的");
    await vi.waitFor(() => expect(server.refused).toBe(2));
    server.away = false;
    phone.change("手机上写的。");
    await holds("手机上写的。");
    await shows(desk, { text: "桌上写的", other: "手机上写的。" });
    desk.choose("mine");
    await holds("桌上写的");
    await shows(phone, { text: "桌上写的", other: null });
    expect(desk.state.other).toBeNull();
  });

  test("can give way to the words of the other device", async () => {
    server.text = "手机上写的";
    server.version = 4;
    const away = server.device();
    const desk = new DraftBox(owner("desk"), "c1", away, 5);
    boxes.push(desk);
    desk.change("桌上写的");
    desk.flush();
    await shows(desk, { other: "手机上写的", text: "桌上写的" });
    desk.choose("other");
    expect(desk.state).toMatchObject({ text: "手机上写的", other: null });
    await holds("手机上写的");
  });

  test("is not taken for another's when only the answer was lost", async () => {
    const desk = await device("desk");
    server.losesAnswers = true;
    desk.change("头晕好些");
    await holds("头晕好些");
    server.losesAnswers = false;
    desk.change("头晕好些了吗");
    await holds("头晕好些了吗");
    expect(desk.state).toMatchObject({ text: "头晕好些了吗", other: null });
  });

  test("is gone everywhere once it was sent", async () => {
    const desk = await device("desk");
    const phone = await device("phone");
    desk.change("好的");
    await shows(phone, { text: "好的" });
    desk.sent("好的");
    await shows(phone, { text: "" });
    expect(await begun(owner("desk"))).toEqual([]);
    expect(await begun(owner("phone"))).toEqual([]);
  });

  test("stays when more was typed after it was sent", async () => {
    const desk = await device("desk");
    desk.change("好的，明天见");
    desk.sent("好的");
    expect(desk.state.text).toBe("好的，明天见");
  });

  test("is sent up once for a run of keys, not once for each", async () => {
    const desk = await device("desk");
    for (const text of ["头", "头晕", "头晕吗"]) desk.change(text);
    await holds("头晕吗");
    expect(server.puts).toBe(1);
  });
});
