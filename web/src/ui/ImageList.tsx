import { memo, useEffect, useMemo, useRef, type ReactElement } from "react";
import type { ImageRecord } from "../api/types";
import { focusStage } from "../canvas/Stage";
import { isDone, passes, SHOW, type Filter, type Show } from "../state/images";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { paint } from "../tools/paint";
import { Icon } from "./Icon";

export function ImageList({ studio }: { studio: Studio }): ReactElement {
  const project = useStore(studio.store, (s) => s.project);
  const current = useStore(studio.store, (s) => s.current);
  const rejected = useStore(studio.store, (s) => s.rejected);
  const filter = useStore(studio.store, (s) => s.filter);
  const list = useRef<HTMLUListElement>(null);
  const files = useRef<HTMLInputElement>(null);

  const all = useMemo(() => project?.images ?? [], [project]);
  const images = useMemo(() => all.filter((image) => passes(image, filter)), [all, filter]);
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [current, filter]);
  const done = all.filter(isDone).length;
  const choose = (change: Partial<Filter>) => studio.store.set({ filter: { ...filter, ...change } });

  return (
    <nav className="panel images" aria-label="Images">
      <header>
        <h2>Images</h2>
        <span className="quiet" title="Images with an object or paint">
          {done} of {all.length} done
        </span>
        <button className="quiet-button" aria-label="Add images" title="Add images, or a COCO JSON with their annotations (or drop them on the page)" onClick={() => files.current?.click()}>
          <Icon name="plus" />
        </button>
        <input ref={files} type="file" accept="image/*,.json" multiple hidden onChange={(e) => { void studio.files.upload([...(e.target.files ?? [])]); e.target.value = ""; }} />
      </header>
      <div className="progress" role="progressbar" aria-label="Images with objects or paint" aria-valuemin={0} aria-valuemax={all.length} aria-valuenow={done}>
        <i style={{ width: `${all.length ? (100 * done) / all.length : 0}%` }} />
      </div>
      <Uploading studio={studio} />
      <div className="filters">
        <input type="search" placeholder="Filter by name" aria-label="Filter images by name" value={filter.text} onChange={(e) => choose({ text: e.target.value })} onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()} />
        <select aria-label="Filter images by state" value={filter.show} onChange={(e) => { choose({ show: e.target.value as Show }); focusStage(); }}>
          {Object.entries(SHOW).map(([key, title]) => (
            <option key={key} value={key}>{title}</option>
          ))}
        </select>
      </div>
      <ul ref={list} className="scroll">
        {rejected.map((file, i) => (
          <li key={`rejected ${i}`} className="image rejected">
            <span className="thumb broken"><Icon name="warning" /></span>
            <span className="what">
              <b title={file.name}>{file.name}</b>
              <small className="error">{file.message}</small>
            </span>
            <button className="quiet-button" aria-label={`Dismiss ${file.name}`} onClick={() => studio.files.forget(file)}><Icon name="close" /></button>
          </li>
        ))}
        {images.map((image) => (
          <Row key={image.id} image={image} current={image.id === current} studio={studio} />
        ))}
        {project && images.length === 0 && rejected.length === 0 && (
          <li className="empty">{all.length === 0 ? "No images yet. Drop some on the page." : "No image passes the filter."}</li>
        )}
      </ul>
      <footer>
        <button onClick={() => studio.openNeighbour(-1)} title="Previous image (A)"><Icon name="previous" /> Previous</button>
        <button onClick={() => studio.openNeighbour(1)} title="Next image (D)">Next <Icon name="next" /></button>
      </footer>
    </nav>
  );
}

/** How far the files that were dropped or chosen have come. */
function Uploading({ studio }: { studio: Studio }): ReactElement | null {
  const uploading = useStore(studio.store, (s) => s.uploading);
  if (!uploading) return null;
  const { done, of } = uploading;
  return (
    <div className="uploading">
      <small>Adding images: {done} of {of}</small>
      <div className="progress" role="progressbar" aria-label="Images added" aria-valuemin={0} aria-valuemax={of} aria-valuenow={done}>
        <i style={{ width: `${(100 * done) / of}%` }} />
      </div>
    </div>
  );
}

const Row = memo(function Row({ image, current, studio }: { image: ImageRecord; current: boolean; studio: Studio }): ReactElement {
  const objects = image.objects > 0 ? `${image.objects} object${image.objects > 1 ? "s" : ""}` : "no objects";
  const state = image.error ? "broken" : image.painted ? `${objects}, painted` : objects;
  return (
    <li>
      <button className="image" aria-current={current} aria-label={`${image.name}, ${state}`} onClick={() => void studio.open(image.id)}>
        {image.error ? (
          <span className="thumb broken"><Icon name="warning" /></span>
        ) : (
          <img className="thumb" src={studio.client.thumbnailUrl(image.id)} alt="" loading="lazy" fetchPriority="low" decoding="async" onError={() => studio.thumbnailFailed()} />
        )}
        <span className="what">
          <b title={image.name}>{image.name}</b>
          {image.error ? (
            <small className="error" title={image.error}>{image.error}</small>
          ) : (
            <small>{image.width && image.height ? `${image.width} × ${image.height}` : "\u00a0"}</small>
          )}
        </span>
        {!image.error && <span className={isDone(image) ? "count some" : "count"}>{image.objects || (image.painted && <Icon path={paint.icon} />)}</span>}
      </button>
    </li>
  );
});
