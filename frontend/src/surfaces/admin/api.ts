import { api, take } from "@core/api";
import { madeHere } from "@core/errors";

/** The parts of the server and whether each can do its work. */
export interface Readiness {
  ok: boolean;
  parts: [name: string, works: boolean][];
}

/** What the load balancer asks too; 503 is an answer, not a failure. */
export async function readiness(): Promise<Readiness> {
  let answer: Response;
  try {
    answer = await fetch("/readyz", { signal: AbortSignal.timeout(10_000) });
  } catch {
    throw madeHere("client.offline");
  }
  try {
    const { parts } = (await answer.json()) as { parts: Record<string, boolean> };
    return { ok: answer.ok, parts: Object.entries(parts) };
  } catch {
    throw madeHere("client.unreadable");
  }
}

export const ledgerHealth = () => take(api.GET("/api/integrity"));
export const departments = () => take(api.GET("/api/admin/departments"));
export const markDepartment = (id: string, sensitive: boolean) => take(api.PUT("/api/admin/departments/{department_id}", { params: { path: { department_id: id } }, body: { sensitive } }));
