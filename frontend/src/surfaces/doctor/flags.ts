import { RED_FLAGS, type RedFlag } from "@core/protocol";
import { redFlagId } from "@ui/names";
import { useUi } from "@ui/words";

/** The emergency signs of a row in the words that the patient ticked. */
export function useFlagWords(): (codes: readonly string[]) => string[] {
  const ui = useUi();
  return (codes) => codes.filter(isFlag).map((flag) => ui(redFlagId(flag)));
}

const isFlag = (code: string): code is RedFlag => RED_FLAGS.some((flag) => flag === code);
