import { useEffect, useRef, type ReactElement } from "react";
import type { ExportFormat } from "../api/client";
import { focusStage } from "../canvas/Stage";
import { answering } from "../state/host";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { Icon } from "./Icon";

export function TopBar({ studio }: { studio: Studio }): ReactElement {
  const project = useStore(studio.store, (s) => s.project);
  const tool = useStore(studio.store, (s) => s.tool);
  const method = useStore(studio.store, (s) => studio.toolInfo && answering(s, studio.toolInfo).name);
  const canUndo = useStore(studio.store, (s) => (s.toolRevision >= 0 && studio.tool?.canUndo) || s.session?.can_undo || false);
  const canRedo = useStore(studio.store, (s) => (s.toolRevision >= 0 && studio.tool?.canRedo) || s.session?.can_redo || false);
  const methods = project?.methods.filter((m) => studio.toolInfo?.fits(m)) ?? [];

  return (
    <header className="topbar">
      <h1><img src="./icon.svg" alt="" /> maskwright</h1>
      <span className="folder quiet" title={project?.folder}>{project?.folder.split(/[\\/]/).pop()}</span>
      {project?.read_only && <span className="badge" title="The folder cannot be written to: changes are not possible">Read only</span>}
      <div className="middle" role="toolbar" aria-label="Tools">
        {studio.tools.map((t) => (
          <button key={t.id} className="tool" aria-pressed={t.id === tool} title={`${t.title} (${t.shortcut})`} onClick={() => studio.useTool(t.id)}>
            <Icon path={t.icon} /> {t.title}
          </button>
        ))}
        {methods.length > 0 && (
          <label className="method">
            <span className="quiet">Method</span>
            <select aria-label="Method" value={method ?? ""} onChange={(e) => { studio.setMethod(e.target.value); focusStage(); }}>
              {methods.map((m) => <option key={m.name} value={m.name}>{m.title}</option>)}
            </select>
          </label>
        )}
      </div>
      <button disabled={!canUndo} aria-label="Undo" title="Undo (Ctrl Z)" onClick={() => studio.undo()}><Icon name="undo" /></button>
      <button disabled={!canRedo} aria-label="Redo" title="Redo (Ctrl Y)" onClick={() => studio.redo()}><Icon name="redo" /></button>
      <ExportMenu studio={studio} />
      <button aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => studio.store.set({ help: true })}>?</button>
    </header>
  );
}

const FORMATS: [ExportFormat, string, string][] = [
  ["coco", "COCO JSON", "The masks and boxes of all images in one file"],
  ["index-png", "Index PNG", "A zip with PNGs of label numbers for every image, of its objects and its painting"],
  ["coco-panoptic", "COCO panoptic", "A zip with every pixel’s segment: COCO’s JSON and one PNG per image"],
];

function ExportMenu({ studio }: { studio: Studio }): ReactElement {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const inside = event.target instanceof Node && menu.current?.contains(event.target);
      const escapes = event instanceof KeyboardEvent && event.key === "Escape";
      if (!menu.current?.open || (inside && !escapes)) return;
      menu.current.open = false;
      if (escapes) event.stopPropagation(); // else the tool would drop what it has in the hand, too
    };
    for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, close, true);
    return () => ["pointerdown", "keydown"].forEach((name) => window.removeEventListener(name, close, true));
  }, []);
  const choose = (format: ExportFormat) => {
    if (menu.current) menu.current.open = false;
    void studio.files.export(format);
  };
  return (
    <details ref={menu} className="menu">
      <summary><Icon name="download" /> Export</summary>
      <div role="menu">
        {FORMATS.map(([format, title, what]) => (
          <button key={format} role="menuitem" onClick={() => choose(format)}>
            <b>{title}</b>
            <small>{what}</small>
          </button>
        ))}
      </div>
    </details>
  );
}
