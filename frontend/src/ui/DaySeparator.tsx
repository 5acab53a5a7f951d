import { day } from "@core/format";
import { useLocale } from "./settings";
import "./message.css";

export function DaySeparator({ at }: { at: number }) {
  const locale = useLocale();
  return (
    <h3 className="x-day">
      <time dateTime={new Date(at).toISOString()}>{day(at, locale)}</time>
    </h3>
  );
}
