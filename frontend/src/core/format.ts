import type { Locale } from "./settings";

/** Dates, times and numbers as every page writes them: 24-hour clock, month names spelled out,
 * never "12:00 am". `at` is milliseconds since the epoch; the reader's own time zone is used. */

const MINUTE = 60_000;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS_EN = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAYS_ZH = "日一二三四五六";

/** "07" */
export const two = (value: number) => String(value).padStart(2, "0");

export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "11月21日 周六" / "Saturday 21 November", with the year when it is not this year. */
export function day(at: number, locale: Locale, now: number = Date.now()): string {
  const date = new Date(at);
  const thisYear = date.getFullYear() === new Date(now).getFullYear();
  const [year, month, dayOfMonth] = [date.getFullYear(), date.getMonth(), date.getDate()];
  if (locale === "en") {
    const month_en = MONTHS[month] ?? "";
    return thisYear ? `${DAYS_EN[date.getDay()] ?? ""} ${dayOfMonth} ${month_en}` : `${dayOfMonth} ${month_en} ${year}`;
  }
  return thisYear ? `${month + 1}月${dayOfMonth}日 周${DAYS_ZH[date.getDay()] ?? ""}` : `${year}年${month + 1}月${dayOfMonth}日`;
}

/** "今天 14:05" / "yesterday 14:05" / "11月21日 周六 14:05": the exact time, in words where that is shorter. */
export function dateTime(at: number, locale: Locale, now: number = Date.now()): string {
  const words = locale === "en" ? ["today", "yesterday"] : ["今天", "昨天"];
  const prefix = words[daysBetween(at, now)] ?? day(at, locale, now);
  return `${prefix} ${clock(at)}`;
}

/** "刚刚" / "5 minutes ago" up to 59 minutes, then dateTime(). Never the only form of a time: show dateTime() on focus. */
export function ago(at: number, locale: Locale, now: number = Date.now()): string {
  const minutes = Math.floor((now - at) / MINUTE);
  if (minutes >= 60 || minutes < -1) return dateTime(at, locale, now);
  if (minutes < 1) return locale === "en" ? "just now" : "刚刚";
  if (locale === "en") return minutes === 1 ? "1 minute ago" : `${minutes} minutes ago`;
  return `${minutes} 分钟前`;
}

/** How long somebody has waited: "48 分钟" / "3 小时" / "2 天"; at least one minute. */
export function elapsed(since: number, locale: Locale, now: number = Date.now()): string {
  const minutes = Math.max(1, Math.floor((now - since) / MINUTE));
  const [count, unit]: [number, 0 | 1 | 2] =
    minutes < 60 ? [minutes, 0] : minutes < 48 * 60 ? [Math.floor(minutes / 60), 1] : [Math.floor(minutes / 1440), 2];
  if (locale === "zh-Hans") return `${count} ${["分钟", "小时", "天"][unit] ?? ""}`;
  return `${count} ${["minute", "hour", "day"][unit] ?? ""}${count === 1 ? "" : "s"}`;
}

/** "25–40 分钟" / "25 to 40 minutes"; hours from two hours on. */
export function minutesRange([low = 0, high = low]: readonly number[], locale: Locale): string {
  const hours = low >= 120;
  const [a, b] = hours ? [Math.round(low / 60), Math.ceil(high / 60)] : [Math.round(low), Math.round(high)];
  if (locale === "en") return a === b ? `${a} ${hours ? "hours" : "minutes"}` : `${a} to ${b} ${hours ? "hours" : "minutes"}`;
  const unit = hours ? "小时" : "分钟";
  return a === b ? `${a} ${unit}` : `${a}–${b} ${unit}`;
}

/** Position in a recording: "0:07", "12:05", "1:02:05". */
export function playTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = `${hours ? two(minutes) : minutes}:${two(whole % 60)}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** "12 分 5 秒" / "12 minutes 5 seconds": how a length is read aloud. */
export function spokenLength(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (locale === "zh-Hans") return minutes ? `${minutes} 分 ${rest} 秒` : `${rest} 秒`;
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  return minutes ? `${plural(minutes, "minute")} ${plural(rest, "second")}` : plural(rest, "second");
}

/** The number and its unit stay on one line. */
export function fileSize(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))}\u00a0kB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)}\u00a0MB`;
}

/** Calendar days from `at` to `now` in the reader's time zone (0 today, 1 yesterday). */
function daysBetween(at: number, now: number): number {
  const midnight = (value: number) => new Date(value).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / (24 * 60 * MINUTE));
}

/** REST writes times as ISO 8601 UTC strings. */
export function parseTime(iso: string): number {
  return Date.parse(iso);
}

/** The value of a date field, in the reader's time zone: "2026-11-22". */
export function fieldDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The value of a datetime-local field, in the reader's time zone: "2026-11-22T09:00". */
export const fieldTime = (at: number) => `${fieldDay(at)}T${clock(at)}`;
