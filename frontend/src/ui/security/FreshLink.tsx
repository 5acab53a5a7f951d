import type { AnchorHTMLAttributes } from "react";
import { api, take } from "@core/api";

type FreshLinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "download"> & { href: string; download: string | true };

/** A link to a file that leaves only after a factor was shown lately: asks first, then downloads. */
export function FreshLink({ href, download, children, ...rest }: FreshLinkProps) {
  const begin = async () => {
    await take(api.GET("/api/session/fresh"));
    const link = document.createElement("a");
    link.href = href;
    link.download = download === true ? "" : download;
    link.click();
  };
  return (
    <a
      {...rest}
      href={href}
      download={download}
      onClick={(event) => {
        event.preventDefault();
        void begin().catch(() => undefined); // closed without an answer: nothing begins
      }}
    >
      {children}
    </a>
  );
}
