import type { ReactElement } from "react";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { Icon } from "./Icon";

/** What the page has to say: short-lived messages, and that the server is gone for as long as it is. */
export function Notices({ studio }: { studio: Studio }): ReactElement {
  const toasts = useStore(studio.store, (s) => s.toasts);
  const online = useStore(studio.store, (s) => s.online);
  return (
    <div className="notices" aria-live="assertive">
      {!online && (
        <div className="notice lost" role="alert">
          <i className="spinner" />
          <span>The studio’s server does not answer. What you drew is kept here; trying again …</span>
        </div>
      )}
      {toasts.map((toast) => (
        <div key={toast.id} className={`notice ${toast.kind}`} role={toast.kind === "error" ? "alert" : "status"}>
          <Icon name={toast.kind === "error" ? "warning" : "check"} />
          <span>{toast.text}</span>
          <button className="quiet-button" aria-label="Dismiss" onClick={() => studio.notices.dismiss(toast.id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
