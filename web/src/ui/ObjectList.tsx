import type { ReactElement } from "react";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { Icon } from "./Icon";

export function ObjectList({ studio }: { studio: Studio }): ReactElement {
  const objects = useStore(studio.store, (s) => s.session?.objects);
  const selected = useStore(studio.store, (s) => s.selected);
  const start = useStore(studio.store, () => studio.toolInfo?.start);
  const number = objects?.length ?? 0;
  return (
    <section aria-label="Objects" className="objects">
      <header>
        <h2>Objects</h2>
        <span className="quiet">{number || ""}</span>
      </header>
      <ul className="scroll">
        {objects?.map((object) => (
          <li
            key={object.id}
            className={object.id === selected ? "object selected" : "object"}
            onPointerEnter={() => studio.store.set({ hovered: object.id })}
            onPointerLeave={() => studio.store.set({ hovered: null })}
          >
            <button className="pick" aria-pressed={object.id === selected} aria-label={`Select object ${object.id}: ${object.label ?? "no label"}`} onClick={() => studio.select(object.id === selected ? null : object.id)}>
              <i className="swatch" style={{ background: object.color }} />
              <span className={object.label ? "name" : "name quiet"}>{object.label ?? "No label"}</span>
              <small className={object.area === 0 ? "error" : ""} title={`${object.area.toLocaleString("en")} pixels`}>{area(object.area)}</small>
            </button>
            <button className="quiet-button" aria-label={`Delete object ${object.id}`} title="Delete (Del)" onClick={() => studio.delete(object.id)}>
              <Icon name="trash" />
            </button>
          </li>
        ))}
        {objects?.length === 0 && <li className="empty">None yet. {start}</li>}
      </ul>
    </section>
  );
}

function area(pixels: number): string {
  if (pixels === 0) return "empty";
  if (pixels < 10_000) return `${pixels.toLocaleString("en")} px`;
  return pixels < 1e6 ? `${Math.round(pixels / 1000)}k px` : `${(pixels / 1e6).toFixed(1)}M px`;
}
