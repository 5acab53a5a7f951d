import { useQuery } from "@tanstack/react-query";
import { getChart } from "@core/charts";

/** The chart of a patient. Each opening is noted for the patient to see, so it is asked for when it is shown and after a change, not
 * whenever the window comes back. */
export function useChart(patient: string) {
  return useQuery({ queryKey: ["chart", patient], queryFn: () => getChart(patient), staleTime: 5 * 60_000, refetchOnWindowFocus: false });
}
