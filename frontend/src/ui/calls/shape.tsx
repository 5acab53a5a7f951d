import { useEffect, useState, type RefObject } from "react";
import { Maximize2, Move, PanelRight, PictureInPicture2 } from "lucide-react";
import { Button } from "../Button";
import { useRoom } from "../useRoom";
import { useCallWords } from "./words";

/** full: over the whole page. docked: beside it. floating: over a corner. bar: a line over a phone's page, which stays usable. */
export type Shape = "full" | "docked" | "floating" | "bar";

const ROOMY = "(min-width: 75rem)";
const PHONE = "(max-width: 40rem)";
/** Clockwise, from where the least is covered. */
const CORNERS = ["bottom-right", "bottom-left", "top-left", "top-right"] as const;

export interface Shaped {
  shape: Shape;
  setShape: (shape: Shape) => void;
  corner: string;
  /** To the next corner. */
  turn: () => void;
}

export function useShape(staff: boolean, element: RefObject<HTMLElement | null>): Shaped {
  const [chosen, setShape] = useState<Shape>(() => first(staff));
  const [place, setPlace] = useState(0);
  const room = useMedia(ROOMY);
  const phone = useMedia(PHONE);
  const shape = fitting(chosen, phone, room);
  // The page makes room for what is docked, and hides behind what covers it all.
  useEffect(() => {
    document.documentElement.dataset["call"] = shape;
    return () => {
      delete document.documentElement.dataset["call"];
    };
  }, [shape]);
  useRoom("--k-bar", element, shape === "bar");
  return { shape, setShape, corner: CORNERS[place % CORNERS.length] ?? CORNERS[0], turn: () => setPlace((now) => now + 1) };
}

/** The window has become another since it was chosen. */
function fitting(chosen: Shape, phone: boolean, room: boolean): Shape {
  if (phone && chosen !== "bar") return "full";
  return chosen === "docked" && !room ? "floating" : chosen;
}

function first(staff: boolean): Shape {
  if (!staff || window.matchMedia(PHONE).matches) return "full";
  return window.matchMedia(ROOMY).matches ? "docked" : "floating";
}

function useMedia(query: string): boolean {
  const [is, setIs] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const list = window.matchMedia(query);
    const look = () => setIs(list.matches);
    list.addEventListener("change", look);
    return () => list.removeEventListener("change", look);
  }, [query]);
  return is;
}

interface ShapeButtonsProps {
  staff: boolean;
  shape: Shape;
  onShape: (shape: Shape) => void;
  onTurn: () => void;
}

/** Where the window stands is changed by buttons: nothing has to be dragged. */
export function ShapeButtons({ staff, shape, onShape, onTurn }: ShapeButtonsProps) {
  const t = useCallWords();
  const phone = useMedia(PHONE);
  const room = useMedia(ROOMY);
  if (!staff || phone) {
    const to = shape === "bar" ? "full" : "bar";
    return (
      <Button size="small" icon={to === "full" ? Maximize2 : PictureInPicture2} onClick={() => onShape(to)} data-testid={`k.shape.${to}`}>
        {t(to === "full" ? "ca.shape.backToCall" : "ca.shape.toChat")}
      </Button>
    );
  }
  const others = (["docked", "floating", "full"] as const).filter((one) => one !== shape && (one !== "docked" || room));
  const icons = { docked: PanelRight, floating: PictureInPicture2, full: Maximize2 } as const;
  return (
    <div className="k-shapes">
      {shape === "floating" && (
        <Button size="small" icon={Move} onClick={onTurn} data-testid="k.shape.turn">
          {t("ca.shape.turn")}
        </Button>
      )}
      {others.map((one) => (
        <Button key={one} size="small" icon={icons[one]} onClick={() => onShape(one)} data-testid={`k.shape.${one}`}>
          {t(`ca.shape.${one}`)}
        </Button>
      ))}
    </div>
  );
}
