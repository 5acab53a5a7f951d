import { Children, isValidElement, useEffect, useSyncExternalStore, type AnchorHTMLAttributes, type ComponentType, type ReactElement, type ReactNode } from "react";
import { Emitter } from "@core/emitter";

/** Pages by address, on the browser's own history. Only what this product uses: a router from a package would cost a
 * patient more kilobytes than a page of the product. */

const moves = new Emitter<undefined>();
let moved = false;

export interface GoOptions {
  /** The page that is left is not in the history any more. */
  replace?: boolean;
}

export function go(to: string, { replace = false }: GoOptions = {}): void {
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  moved = true;
  moves.emit(undefined);
}

/** True once somebody has gone from page to page: from then on a new page takes the focus. */
export const hasMoved = (): boolean => moved;

function subscribe(listener: () => void): () => void {
  const leave = moves.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    leave();
    window.removeEventListener("popstate", listener);
  };
}

/** The path now, and the way to another. */
export function useLocation(): [string, typeof go] {
  return [useSyncExternalStore(subscribe, () => window.location.pathname), go];
}

/** What follows the question mark. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search.slice(1));
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
}

/** A real link: it opens in a new tab, is copied, is read aloud; a plain click stays on the page. */
export function Link({ href, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
        if (elsewhere || event.defaultPrevented) return;
        event.preventDefault();
        go(href);
      }}
    >
      {children}
    </a>
  );
}

/** The names in a pattern: "/a/:id/:step?" -> { id: string; step: string | undefined }. */
type ParamsOf<Path extends string> = Path extends `${infer Head}/${infer Tail}`
  ? ParamOf<Head> & ParamsOf<Tail>
  : ParamOf<Path>;
type ParamOf<Part extends string> = Part extends `:${infer Name}?` ? { [K in Name]: string | undefined } : Part extends `:${infer Name}` ? { [K in Name]: string } : object;

interface RouteProps<Path extends string> {
  /** Without a path it takes whatever is left. */
  path?: Path;
  component?: ComponentType;
  children?: ReactNode | ((params: ParamsOf<Path>) => ReactNode);
}

/** One page of a Switch. */
export function Route<Path extends string>({ path, component: Page, children }: RouteProps<Path>): ReactNode {
  const [here] = useLocation();
  const params = matchPath(path, here);
  if (!params) return null;
  if (Page) return <Page />;
  return typeof children === "function" ? children(params as ParamsOf<Path>) : children;
}

/** The first of its routes that matches. */
export function Switch({ children }: { children: ReactNode }): ReactNode {
  const [here] = useLocation();
  const routes = Children.toArray(children).filter((child): child is ReactElement<RouteProps<string>> => isValidElement(child));
  return routes.find((route) => matchPath(route.props.path, here)) ?? null;
}

export function Redirect({ to, replace = true }: { to: string; replace?: boolean }): null {
  useEffect(() => go(to, { replace }), [to, replace]);
  return null;
}

/** The values of a pattern's names, or null when the address is another. */
export function matchPath(pattern: string | undefined, here: string): Record<string, string | undefined> | null {
  if (pattern === undefined) return {};
  const [wanted, found] = [parts(pattern), parts(here)];
  if (found.length > wanted.length) return null;
  const params: Record<string, string | undefined> = {};
  for (const [i, part] of wanted.entries()) {
    const value = found[i];
    if (!part.startsWith(":")) {
      if (part !== value) return null;
    } else if (value === undefined && !part.endsWith("?")) return null;
    else params[part.replace(/[:?]/g, "")] = value === undefined ? undefined : decode(value);
  }
  return params;
}

const parts = (path: string): string[] => path.split("/").filter(Boolean);

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // A mistyped address is an unknown page, not a crash.
  }
}
