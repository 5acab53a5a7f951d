import { codedFrom } from "@core/errors";
import { toast } from "./announce";
import { errorText } from "./states";

/** Says in words what did not work. */
export const toastError = (error: unknown): void => toast(errorText(codedFrom(error)), { tone: "danger" });
