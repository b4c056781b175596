import { useEffect, useRef, useState, type ReactElement } from "react";
import { areas } from "../canvas/classMaps";
import { focusStage } from "../canvas/Stage";
import { selectedObject } from "../state/state";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { CANDIDATE_KEYS } from "./commands";
import { Icon } from "./Icon";

/** The project's labels: of the selected object, of the next one, or to paint with. */
export function Labels({ studio }: { studio: Studio }): ReactElement {
  const labels = useStore(studio.store, (s) => s.project?.labels);
  const paints = useStore(studio.store, () => studio.toolInfo?.paints ?? false);
  const current = useStore(studio.store, (s) => (paints ? s.paintSettings.label : selectedObject(s) ? (selectedObject(s)?.label ?? null) : s.label));
  const selected = useStore(studio.store, (s) => s.selected);
  const shifted = useStore(studio.store, (s) => s.candidates !== null);
  const list = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");

  useEffect(() => {
    list.current?.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const submit = () => {
    void studio.createLabel(typed);
    setTyped("");
    focusStage();
  };
  const key = (i: number) => (paints ? (i < 10 ? `${(i + 1) % 10}` : null) : i >= 9 ? null : shifted && i < CANDIDATE_KEYS ? `⇧ ${i + 1}` : `${i + 1}`);

  return (
    <section aria-label="Labels" className="labels">
      <header>
        <h2>Labels</h2>
        <span className="quiet">{paints ? "to paint with" : selected === null ? "for the next object" : "of the selected object"}</span>
      </header>
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <input
          id="new-label"
          placeholder="Type a label, then Enter"
          aria-label="New label"
          autoComplete="off"
          maxLength={100}
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
          onKeyDown={(e) => e.key === "Escape" && focusStage()}
        />
      </form>
      <ul ref={list} className="scroll">
        {labels?.map((label, i) => (
          <li key={label.name} className={paints ? "row" : undefined}>
            <button className="label" aria-pressed={label.name === current} onClick={() => studio.setLabel(label.name === current && !paints ? null : label.name)}>
              <i className="swatch" style={{ background: label.color }} />
              <span className="name">{label.name}</span>
              {paints && <Share studio={studio} label={label.name} />}
              {key(i) && <kbd>{key(i)}</kbd>}
            </button>
            {paints && <DeletePaint studio={studio} label={label.name} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How much of the image has the label. */
function Share({ studio, label }: { studio: Studio; label: string }): ReactElement | null {
  const maps = useStore(studio.store, (s) => s.paintPreview ?? s.session?.painting);
  const id = maps?.classes.find((c) => c.label === label)?.class_id;
  if (!maps || id === undefined) return null;
  const [height, width] = maps.class_map.size;
  const percent = (100 * (areas(maps.class_map).get(id) ?? 0)) / (height * width);
  return <small title="Of the image">{percent > 0 && percent < 1 ? "< 1" : Math.round(percent)} %</small>;
}

function DeletePaint({ studio, label }: { studio: Studio; label: string }): ReactElement {
  const painted = useStore(studio.store, (s) => s.session?.painting?.classes.some((c) => c.label === label) ?? false);
  return (
    <button className="quiet-button" disabled={!painted} aria-label={`Delete the paint of ${label}`} title="Delete all paint of this label" onClick={() => studio.paintings.deleteClass(label)}>
      <Icon name="trash" />
    </button>
  );
}
