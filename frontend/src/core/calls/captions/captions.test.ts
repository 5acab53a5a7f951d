// @vitest-environment jsdom
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { Socket } from "../../socket";
import { showCall } from "../current";
import { hear, outgoing } from "../machine";
import { LiveCaptions } from "./captions";

/** Gives tickets and opens WebSockets; says what the test wants. */
const http = createServer((_request, response) => response.setHeader("Content-Type", "application/json").end(JSON.stringify({ ticket: "t" })));
const server = new WebSocketServer({ server: http });
const say = (frame: object) => server.clients.forEach((one) => one.send(JSON.stringify(frame)));
const realFetch = globalThis.fetch;
const CALL = "call-1";
let socket: Socket;
let captions: LiveCaptions;

beforeEach(async () => {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  globalThis.fetch = (url, init) => realFetch(`http://${origin}${url as string}`, init);
  server.on("connection", (one) => one.send(JSON.stringify({ type: "welcome", person: "zhao", at: 1 })));
  socket = new Socket(`ws://${origin}/ws/`);
  captions = new LiveCaptions(socket, "zhao");
  captions.start(null);
  socket.start();
  await vi.waitFor(() => expect(socket.state).toBe("online"));
});

afterEach(async () => {
  captions.stop();
  showCall(null);
  socket.stop();
  globalThis.fetch = realFetch;
  server.clients.forEach((one) => one.terminate());
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** Dr Zhao's call as the server last said it. */
function captioned(states: Record<string, "asked" | "on" | "off">): void {
  const people = Object.entries(states).map(([person, state]) => ({ person, state }));
  showCall(hear({ ...outgoing("case-of-wang", ["audio"], "tab-1"), call: CALL }, { type: "captions.state", call: CALL, people }, Date.now()));
}

const reads = (trouble: string | null) => vi.waitFor(() => expect(captions.shown().trouble).toBe(trouble));

test("what troubled Wang's captions is not read any more when she turns hers off and Dr Zhao keeps his", async () => {
  captioned({ wang: "on", zhao: "on" });
  say({ type: "captions.trouble", call: CALL, person: "wang", problem: "overloaded" });
  await reads("overloaded");
  captioned({ wang: "off", zhao: "on" });
  expect(captions.shown().trouble).toBeNull();
});

test("what troubles those of Dr Zhao stays when Wang turns hers off", async () => {
  captioned({ wang: "on", zhao: "on" });
  say({ type: "captions.trouble", call: CALL, person: "zhao", problem: "overloaded" });
  await reads("overloaded");
  captioned({ wang: "off", zhao: "on" });
  expect(captions.shown().trouble).toBe("overloaded");
  captioned({ wang: "off", zhao: "off" });
  expect(captions.shown().trouble).toBeNull();
});
