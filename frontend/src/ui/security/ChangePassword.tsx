import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api, take } from "@core/api";
import { Button } from "../Button";
import { useLive } from "../live";
import { PasswordForm } from "./passwords";
import { useSecurity } from "./words";

/** My own password. Says afterwards what became of my other devices. */
export function ChangePassword() {
  const t = useSecurity();
  const [times, setTimes] = useState(0);
  const changing = useChanging(() => setTimes((before) => before + 1));
  return (
    <section className="card stack" aria-labelledby="sc-password-h" data-testid="sc.password">
      <h2 id="sc-password-h">{t("sc.password.title")}</h2>
      <p className="secondary">{t("sc.password.what")}</p>
      {/* Empty again once it was changed. */}
      <PasswordForm key={times} change failure={changing.error} onSubmit={(next, old) => changing.mutate({ old, new: next })}>
        <Button type="submit" icon={KeyRound} pending={changing.isPending} data-testid="sc.password.submit">
          {t("sc.password.submit")}
        </Button>
      </PasswordForm>
      <p role="status" data-testid="sc.password.done">
        {changing.isSuccess && t("sc.password.done", { count: changing.data.ended })}
      </p>
    </section>
  );
}

/** The session goes on under another cookie, so its socket lets go before, and comes again with that. */
function useChanging(onChanged: () => void) {
  const { session, socket } = useLive();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: { old: string; new: string }) => {
      if (session.surface !== "patient") await take(api.GET("/api/session/fresh")); // which asks who is there
      socket.stop("connecting");
      try {
        return await take(api.PUT("/api/me/password", { body }));
      } finally {
        socket.start();
      }
    },
    onSuccess: () => {
      onChanged();
      void client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
}
