import { daysReversed } from "./access";
import type { Content, PackPreview, PackScope, PackWish } from "./api";

/** What is chosen for the next pack. */
export interface Choice {
  of: PackScope["of"];
  /** Days as the browser's date field gives them. */
  since: string;
  until: string;
  /** Empty: all that was granted. */
  content: Content[];
  /** Grants over other cases of the scope that shall stay out. */
  left: readonly string[];
  printed: boolean;
  quality: boolean;
}

export const THIS_CASE: Choice = { of: "case", since: "", until: "", content: [], left: [], printed: false, quality: false };

/** What the server is asked about, or null while a period has no days or has them the wrong way round. */
export function scopeOf({ of, content, since, until }: Choice): PackScope | null {
  if (of !== "period") return { of, content };
  return since && until && !daysReversed({ since, until }) ? { of, content, since, until } : null;
}

/** What the server is asked to make; null while it is not known which cases belong to it. */
export function wishOf({ of, content, left, printed, quality }: Choice, grant: string, preview: PackPreview | undefined): PackWish | null {
  if (of === "case") return { content, also: [], printed, quality };
  if (!preview) return null;
  const also = preview.cases.map((one) => one.grant).filter((id) => id !== grant && !left.includes(id));
  return { content, also, printed, quality };
}
