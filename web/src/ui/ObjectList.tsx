import type { ReactElement } from "react";
import { share } from "../canvas/classMaps";
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
        <PaintingEntry studio={studio} />
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

/** The painting has an entry of its own: it can be hidden whatever tool is in use. */
function PaintingEntry({ studio }: { studio: Studio }): ReactElement | null {
  const painting = useStore(studio.store, (s) => s.session?.painting);
  const paints = useStore(studio.store, () => studio.toolInfo?.paints ?? false);
  const shown = useStore(studio.store, (s) => s.paintSettings.shown);
  if (!painting || painting.classes.length === 0) return null;
  const [first = "", second = first] = painting.classes.map((c) => c.color);
  return (
    <li className="object painting">
      <button className="pick" aria-pressed={paints} aria-label="Painting: paint on it" title="Paint on it (B)" onClick={() => studio.useTool("paint")}>
        <i className="swatch" style={{ background: `linear-gradient(135deg, ${first} 50%, ${second} 50%)` }} />
        <span className="name">Painting</span>
        <small title="Of the image">{Math.floor(100 * share(painting.class_map))} %</small>
      </button>
      <button className="quiet-button" aria-pressed={shown} aria-label="Show the painting" title="Hide and show the painting" onClick={() => studio.paintings.set({ shown: !shown })}>
        <Icon name={shown ? "eye" : "hidden"} />
      </button>
    </li>
  );
}

function area(pixels: number): string {
  if (pixels === 0) return "empty";
  if (pixels < 10_000) return `${pixels.toLocaleString("en")} px`;
  return pixels < 1e6 ? `${Math.round(pixels / 1000)}k px` : `${(pixels / 1e6).toFixed(1)}M px`;
}
