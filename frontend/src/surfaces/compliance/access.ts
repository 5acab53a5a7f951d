import { parseTime } from "@core/format";
import type { Locale } from "@core/settings";
import { CONTENTS, type Content, type Grant, type Purpose, type Tell, type Terms } from "./api";

/** The rules of an access request as the page knows them; the server enforces the same. */
export const REASON_MIN = 20;
export const REASON_MAX = 1000;
export const HOURS_MAX = 72;
export const HOURS_DEFAULT = 8;
export const TOLD_AFTER_DAYS = 30;
const EXPIRING_MS = 60 * 60_000;

/** What the form holds while it is being filled. */
export interface Draft {
  content: Content[];
  purpose: Purpose | null;
  case_number: string;
  reason: string;
  hours: string;
  /** Days as the browser's date field gives them; empty: without bound. */
  since: string;
  until: string;
  tell: Tell;
}

export const EMPTY_DRAFT: Draft = { content: ["conversation"], purpose: null, case_number: "", reason: "", hours: String(HOURS_DEFAULT), since: "", until: "", tell: "now" };

export type Problem = "content" | "purpose" | "reason" | "hours" | "days";

const WITHIN_TALK: readonly Content[] = ["attachments", "discussion"];

/** What is ticked after one tick: photos and the discussion are found from the conversation, so they come and go with it. */
export function ticked(content: readonly Content[], one: Content, on: boolean): Content[] {
  const wanted = new Set(content);
  if (on) wanted.add(one);
  else wanted.delete(one);
  if (on && WITHIN_TALK.includes(one)) wanted.add("conversation");
  if (!wanted.has("conversation")) for (const other of WITHIN_TALK) wanted.delete(other);
  return CONTENTS.filter((other) => wanted.has(other));
}

export const daysReversed = ({ since, until }: Pick<Draft, "since" | "until">) => since !== "" && until !== "" && since > until;

/** The fields that still need something, in the order of the page. */
export function problemsOf(draft: Draft): Problem[] {
  const problems: Problem[] = [];
  if (draft.content.length === 0) problems.push("content");
  if (draft.purpose === null) problems.push("purpose");
  if (!reasonIsLongEnough(draft.reason)) problems.push("reason");
  if (!hoursAreValid(draft.hours, HOURS_MAX)) problems.push("hours");
  if (daysReversed(draft)) problems.push("days");
  return problems;
}

/** The draft as the server wants it, or null while it has problems. */
export function termsOf(draft: Draft): Terms | null {
  const { purpose, content, tell } = draft;
  if (purpose === null || problemsOf(draft).length > 0) return null;
  const days = { since: draft.since || null, until: draft.until || null };
  return { content, purpose, case_number: draft.case_number.trim(), reason: draft.reason.trim(), hours: Number(draft.hours), tell, ...days };
}

/** Code points, as the server counts them. */
export function reasonLength(reason: string): number {
  return Array.from(reason.trim()).length;
}

export const reasonIsLongEnough = (reason: string) => reasonLength(reason) >= REASON_MIN;

export function hoursAreValid(hours: string, max: number): boolean {
  return /^\d{1,3}$/.test(hours.trim()) && Number(hours) >= 1 && Number(hours) <= max;
}

export interface Worklist {
  returned: Grant[];
  approved: Grant[];
  expiring: Grant[];
  waiting: Grant[];
  ended: Grant[];
}

/** Everything I asked for, by what I can do about it. Whether a grant is in force is the server's word, not this computer's
 * clock; `expiring`: in force, with less than an hour left. */
export function worklistOf(grants: readonly Grant[], now: number): Worklist {
  const list: Worklist = { returned: [], approved: [], expiring: [], waiting: [], ended: [] };
  for (const grant of grants) {
    if (grant.state === "waiting") list.waiting.push(grant);
    else if (grant.state === "returned") list.returned.push(grant);
    else if (grant.state !== "approved") list.ended.push(grant);
    else (remaining(grant, now) <= EXPIRING_MS ? list.expiring : list.approved).push(grant);
  }
  return list;
}

/** Milliseconds of access left; 0 for a grant that is not, or no longer, in force. */
export function remaining(grant: Pick<Grant, "state" | "expires_at">, now: number): number {
  if (grant.state !== "approved" || !grant.expires_at) return 0;
  return Math.max(0, parseTime(grant.expires_at) - now);
}

/** "5 小时 12 分" / "5 hours 12 minutes"; never rounds up, so that it never promises more than there is. */
export function remainingWords(ms: number, locale: Locale): string {
  const minutes = Math.floor(ms / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (locale === "zh-Hans") {
    if (minutes < 1) return "不到 1 分钟";
    return [hours ? `${hours} 小时` : "", rest ? `${rest} ${hours ? "分" : "分钟"}` : ""].filter(Boolean).join(" ");
  }
  if (minutes < 1) return "less than 1 minute";
  const plural = (count: number, word: string) => (count ? `${count} ${word}${count === 1 ? "" : "s"}` : "");
  return [plural(hours, "hour"), plural(rest, "minute")].filter(Boolean).join(" ");
}

/** Days a case spans, both ends included: an approver compares it with what is asked. */
export function daysOf(opened: string, closed: string | null, now: number): number {
  const end = closed ? parseTime(closed) : now;
  return Math.max(1, Math.ceil((end - parseTime(opened)) / 86_400_000));
}
