import { useMutation } from "@tanstack/react-query";
import type { Session } from "@core/session";
import { Button } from "../Button";
import { choosePassword } from "./api";
import { PasswordForm } from "./passwords";
import { useSecurity } from "./words";

/** The last step of a sign-in with a password that the hospital made. */
export function ChoosePassword({ onChosen }: { onChosen: (session: Session) => void }) {
  const t = useSecurity();
  const choosing = useMutation({ mutationFn: choosePassword, onSuccess: onChosen });
  return (
    <PasswordForm failure={choosing.error} onSubmit={(next) => choosing.mutate(next)}>
      <Button type="submit" variant="primary" size="main" pending={choosing.isPending} data-testid="sc.choose.submit">
        {t("sc.choose.submit")}
      </Button>
    </PasswordForm>
  );
}
