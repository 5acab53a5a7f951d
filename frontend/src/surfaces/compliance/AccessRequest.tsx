import { useRef, useState } from "react";
import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { useLocation, useSearch } from "@ui/router";
import { codedFrom } from "@core/errors";
import type { CodedError } from "@core/protocol";
import { announce } from "@ui/announce";
import { ErrorState, Loading } from "@ui/states";
import { EMPTY_DRAFT, problemsOf, termsOf, type Draft, type Problem } from "./access";
import { askAccess, findCases, type Case, type Terms } from "./api";
import { BreakGlass } from "./Glass";
import { Facts, useCaseFacts, useListed, useTermFacts } from "./Grants";
import { Page } from "./Page";
import { RequestForm } from "./RequestForm";
import { useT } from "./words";

/** C-3: one page from the cases to what the approver will read. What was entered stays, whatever the answer. */
export function AccessRequest() {
  const t = useT();
  const numbers = new URLSearchParams(useSearch()).getAll("case");
  const { cases, error, missing } = useCases(numbers);
  const listed = useListed();
  return (
    <Page title={t("c.request.title")}>
      <p>{t("c.request.fourEyes")}</p>
      {error && <ErrorState error={error} />}
      {missing.length > 0 && <p className="x-error" role="alert">{t("c.request.missing", { numbers: listed(missing) })}</p>}
      {cases ? cases.length > 0 && <Asking cases={cases} /> : !error && <Loading />}
      {cases?.length === 1 && cases[0] && <BreakGlass found={cases[0]} />}
    </Page>
  );
}

/** The cases by their numbers: from the search just made, or looked up again after a reload. */
function useCases(numbers: readonly string[]): { cases: Case[] | null; error: CodedError | null; missing: string[] } {
  const queries = useQueries({
    queries: numbers.map((number) => ({
      queryKey: ["compliance", "case", number],
      queryFn: async () => (await findCases({ number }, 1)).cases.find((one) => one.number === number) ?? null,
      staleTime: "static" as const,
    })),
  });
  const failed = queries.find((query) => query.isError);
  if (failed) return { cases: null, error: codedFrom(failed.error), missing: [] };
  if (queries.some((query) => query.data === undefined)) return { cases: null, error: null, missing: [] };
  const missing = numbers.filter((_, i) => queries[i]?.data === null);
  return { cases: queries.flatMap((query) => query.data ?? []), error: null, missing };
}

function Asking({ cases }: { cases: readonly Case[] }) {
  const t = useT();
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [problems, setProblems] = useState<Problem[]>([]);
  const form = useRef<HTMLFormElement>(null);
  const asking = useAsk(cases);
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    // A field that was wrong stops being marked as soon as it is right.
    setProblems((marked) => marked.filter((problem) => problemsOf(next).includes(problem)));
  };
  const submit = () => {
    const terms = termsOf(draft);
    if (terms) return asking.mutate(terms);
    setProblems(problemsOf(draft));
    announce(t("c.request.incomplete", { count: problemsOf(draft).length }), "assertive");
    focusFirst(form.current);
  };
  return (
    <div className="c-asking">
      <RequestForm ref={form} cases={cases} draft={draft} problems={problems} pending={asking.isPending} error={asking.isError ? codedFrom(asking.error) : null} onChange={change} onSubmit={submit} />
      <Preview cases={cases} draft={draft} />
    </div>
  );
}

/** One request over all the cases: they are decided together. */
function useAsk(cases: readonly Case[]) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const t = useT();
  return useMutation({
    mutationFn: (terms: Terms) => askAccess(cases.map((one) => one.id), terms),
    onSuccess: (grant) => {
      announce(t("c.request.sent", { count: cases.length }));
      void client.invalidateQueries({ queryKey: ["compliance", "mine"] });
      go(`/grants/${grant.id}`);
    },
  });
}

function focusFirst(form: HTMLFormElement | null): void {
  // After React has marked the fields.
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[data-invalid] :is(input, textarea, select)")?.focus());
}

/** What the approver will see, while it is being written. */
function Preview({ cases, draft }: { cases: readonly Case[]; draft: Draft }) {
  const t = useT();
  const termFacts = useTermFacts();
  const caseFacts = useCaseFacts();
  const hours = Number(draft.hours) || 0;
  return (
    <section className="card c-preview" aria-labelledby="preview-h" data-testid="c.request.preview">
      <h2 id="preview-h">{t("c.request.preview")}</h2>
      {cases.map((one) => (
        <Facts key={one.id} rows={caseFacts(one)} />
      ))}
      <Facts rows={termFacts({ ...draft, hours, reason: draft.reason.trim() })} />
    </section>
  );
}
