// @vitest-environment jsdom
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { i18n } from "@core/i18n";
import ui from "../locales/zh-Hans.json";
import { NoteText } from "./NoteText";
import voice from "./locales/zh-Hans.json";

const NO_MODEL = { code: "no_model", message: { zh: "没有模型", en: "No model" }, retry: true };
const FAILED = { id: "note", state: "failed", progress: 1, failure: NO_MODEL, transcript: null, tries: 1, again: true };
const QUEUED = { ...FAILED, state: "queued", progress: 0, failure: null, tries: 2, again: false };
const TOO_SOON = { code: "voice.tried_lately", message: { zh: "请过一会儿再试。", en: "Please wait." }, retry: true, retry_after: 600 };

let server: Server;
let note: unknown;
let retried: [status: number, body: unknown];
let asked: string[];
const realFetch = globalThis.fetch;

/** A real server on loopback that knows one voice note; addresses of the page's own origin are sent to it. */
beforeEach(async () => {
  [note, retried, asked] = [FAILED, [200, QUEUED], []];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      if (request.method === "POST") asked.push(`${request.url} ${body}`);
      const [status, content] = request.method === "POST" ? retried : [200, note];
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (url, init) => realFetch(origin + (url as string), init);
  i18n.load("zh-Hans", { ...ui, ...voice });
  i18n.activate("zh-Hans");
});

afterEach(async () => {
  cleanup();
  globalThis.fetch = realFetch;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function shows(own: boolean) {
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <NoteText note="note" words={undefined} own={own} />
      </QueryClientProvider>
    </I18nProvider>,
  );
}

const text = () => screen.getByTestId("x.voice.text");
const button = () => vi.waitFor(() => screen.getByTestId("x.voice.retry"));
const settled = (state: string) => vi.waitFor(() => expect(text().dataset["state"]).toBe(state));

describe("a voice note without words", () => {
  test("can be transcribed once more by whom the server allows it, and then says that it is being done", async () => {
    shows(false);
    const again = await button();
    expect(again.textContent).toContain("再转写一次");
    fireEvent.click(again);
    await settled("queued");
    expect(asked).toEqual(['/api/voice-notes/note/retry {"tries":1}']);
    expect(text().textContent).toContain("正在转成文字");
    expect(screen.queryByTestId("x.voice.retry")).toBeNull();
  });

  test("says when it was tried too often, and keeps the way to try later", async () => {
    retried = [429, TOO_SOON];
    shows(true);
    fireEvent.click(await button());
    await vi.waitFor(() => expect(screen.getByTestId("x.error").textContent).toContain("请过一会儿再试"));
    expect(screen.getByTestId("x.voice.retry")).toBeTruthy();
    expect(screen.getByTestId("x.voice.correct").textContent).toContain("写下说了什么");
  });

  test("offers nothing where another try would end alike", async () => {
    note = { ...FAILED, failure: { ...NO_MODEL, code: "audio.silent", message: { zh: "没有听到说话声。", en: "No speech." } }, again: false };
    shows(false);
    await settled("failed");
    expect(text().textContent).toContain("没有听到说话声");
    expect(screen.queryByTestId("x.voice.retry")).toBeNull();
  });
});
