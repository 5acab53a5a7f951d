import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");
const surfaces = readdirSync(join(src, "surfaces")).map((name) => `surfaces/${name}`);
const owners = ["ui", "ui/staff", "ui/talk", "ui/search", "ui/voice", "ui/calls", "ui/capture", "ui/rooms", "ui/attachments", "ui/notices", "ui/security", "surfaces/patient/intake", "surfaces/patient/chat", "surfaces/patient/pages", "surfaces/compliance/log", "surfaces/compliance/sampling", ...surfaces].filter((owner) => existsSync(join(src, owner, "locales")));
const PREFIX: Record<string, string> = {
  ui: "ui.",
  "ui/staff": "st.",
  "ui/talk": "tk.",
  "ui/search": "sr.",
  "ui/voice": "vn.",
  "ui/calls": "ca.",
  "ui/capture": "cp.",
  "ui/rooms": "rm.",
  "ui/attachments": "at.",
  "ui/notices": "nt.",
  "ui/security": "sc.",
  "surfaces/sign-in": "s.",
  "surfaces/patient": "p.",
  "surfaces/patient/intake": "p.",
  "surfaces/patient/chat": "p.",
  "surfaces/patient/pages": "p.",
  "surfaces/doctor": "d.",
  "surfaces/compliance": "c.",
  "surfaces/compliance/log": "al.",
  "surfaces/compliance/sampling": "qs.",
  "surfaces/admin": "a.",
};

const read = (owner: string, locale: string) =>
  JSON.parse(readFileSync(join(src, owner, "locales", `${locale}.json`), "utf8")) as Record<string, string>;

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\s*[,}]/g)].map((match) => match[1]))].sort();

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

const allCode = sources(src).join("\n");

describe.each(owners)("the words of %s", (owner) => {
  const zh = read(owner, "zh-Hans");
  const en = read(owner, "en");

  test("exist in both languages, under the owner's own prefix", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const id of Object.keys(zh)) expect(id.startsWith(PREFIX[owner]!), id).toBe(true);
  });

  test("take the same values in both languages", () => {
    for (const [id, text] of Object.entries(zh)) expect(placeholders(en[id]!), id).toEqual(placeholders(text));
  });

  test("are Chinese in Chinese and have no Chinese in English", () => {
    for (const [id, text] of Object.entries(en)) expect(text, id).not.toMatch(/\p{Script=Han}/u);
    for (const [id, text] of Object.entries(zh)) expect(text, id).toMatch(/[\p{Script=Han}；，？]/u);
  });

  test("are all used", () => {
    // Ids made at run time, such as ui.duration.${duration}, count as used through their fixed beginning.
    const begun = [...allCode.matchAll(/`([\w.-]+\.)\$\{/g)].map((match) => match[1]!);
    const unused = Object.keys(zh).filter((id) => !allCode.includes(`"${id}"`) && !begun.some((start) => id.startsWith(start)));
    expect(unused).toEqual([]);
  });
});

test("no word stands in two catalogs", () => {
  const all = owners.flatMap((owner) => Object.keys(read(owner, "en")));
  expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
});

/** One thing has one name: the words on the left are not used for what those on the right are called. */
const FORBIDDEN: Record<string, string> = {
  封存: "法律保全 (hold), 密封 (erasure that waits), 待入账 (ledger), 加密保存 (encryption)",
  墓碑: "销毁记录",
  语音消息: "语音留言",
  "阅读日志|查阅日志": "访问日志",
  检索: "查找",
  亲属: "家人",
  多方通话: "会诊室",
  改正: "更正",
  问诊: "案件 (staff), 咨询 (patients)",
};

test.each(Object.entries(FORBIDDEN))("%s is called %s", (word) => {
  const said = owners.flatMap((owner) => Object.entries(read(owner, "zh-Hans")).filter(([, text]) => new RegExp(word).test(text)));
  expect(said).toEqual([]);
});
