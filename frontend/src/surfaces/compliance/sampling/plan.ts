import type { Schemas } from "@core/protocol";

/** The plan of a sample as it is typed, and what is still wrong with it. */

export const PLAN_FIELDS = ["since", "until", "size", "hours", "seed", "reason"] as const;
export type PlanField = (typeof PLAN_FIELDS)[number];
export type Draft = Record<PlanField | "department" | "rater", string>;

export const EMPTY: Draft = { since: "", until: "", department: "", rater: "", size: "50", hours: "72", seed: "", reason: "" };
const REASON_LENGTH = 20;

const within = (text: string, least: number, most: number) => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;

/** The fields that cannot be sent as they are. */
export function problems(draft: Draft): ReadonlySet<PlanField> {
  const fine: Record<PlanField, boolean> = {
    since: draft.since !== "",
    until: draft.until !== "" && draft.since <= draft.until,
    size: within(draft.size, 1, 100),
    hours: within(draft.hours, 1, 336),
    seed: /^[0-9A-Za-z_-]{0,64}$/.test(draft.seed.trim()),
    reason: draft.reason.trim().length >= REASON_LENGTH,
  };
  return new Set(PLAN_FIELDS.filter((name) => !fine[name]));
}

export const wishOf = ({ since, until, department, rater, size, hours, seed, reason }: Draft): Schemas["NewSample"] => ({
  since,
  until,
  department: department || null,
  size: Number(size),
  hours: Number(hours),
  seed: seed.trim() || null,
  rater: rater || null,
  reason: reason.trim(),
});
