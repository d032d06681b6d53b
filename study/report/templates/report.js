/* The report's script: tabs, sortable tables, and the viewer. No library; nothing is loaded. */
"use strict";

/** Order of two cell values: numbers by value, text by language; empty cells last in either direction. */
function compareValues(first, second, numeric, ascending) {
  if (first === "" || second === "") {
    return (first === "") - (second === "");
  }
  const order = numeric ? Number(first) - Number(second) : first.localeCompare(second, "en", { numeric: true });
  return ascending ? order : -order;
}

/**
 * What part of an image a panel shows: `zoom` screen pixels per image pixel, image point (x, y) in the middle.
 * All panels share one view, so they stay together.
 */
class View {
  constructor() {
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
  }

  fit(width, height, panel) {
    this.zoom = Math.min(panel.width / width, panel.height / height);
    this.x = width / 2;
    this.y = height / 2;
  }

  /** Moves by screen pixels; the middle stays inside the image. */
  move(dx, dy, width, height) {
    this.x = Math.min(width, Math.max(0, this.x - dx / this.zoom));
    this.y = Math.min(height, Math.max(0, this.y - dy / this.zoom));
  }

  /** Changes the magnification; the image point at (px, py), measured from the panel's middle, stays where it is. */
  scale(factor, px, py, least) {
    const before = this.zoom;
    this.zoom = Math.min(64, Math.max(least, before * factor));
    this.x += px / before - px / this.zoom;
    this.y += py / before - py / this.zoom;
  }
}

/** Luminance of A less that of B, multiplied, around mid-gray; the arguments are RGBA bytes. */
function differenceLevels(first, second, gain) {
  const out = new Uint8ClampedArray(first.length);
  for (let k = 0; k < first.length; k += 4) {
    const luminance = (data) => 0.2989 * data[k] + 0.587 * data[k + 1] + 0.114 * data[k + 2];
    const level = 128 + gain * (luminance(first) - luminance(second));
    out[k] = out[k + 1] = out[k + 2] = level;
    out[k + 3] = 255;
  }
  return out;
}

/** An exact image: of every pixel the nearest source's value, and what is left of it, modulo 256; all arguments RGBA bytes. */
function rebuilt(residual, nearest, sources) {
  const out = new Uint8ClampedArray(residual.length);
  for (let k = 0; k < residual.length; k += 4) {
    const source = sources[nearest[k]];
    for (let c = 0; c < 3; c++) {
      out[k + c] = (residual[k + c] + source[k + c] + 128) & 255;
    }
    out[k + 3] = 255;
  }
  return out;
}

/** Number (from 0) of the source that a gray level of a map means: white the first, black the last of `count`. */
function sourceNumber(level, count) {
  return Math.round(((255 - level) / 255) * (count - 1));
}

/** Colour of source `number` of `count`: dark blue over green to yellow, told apart in gray print. */
function sourceColour(number, count) {
  const stops = [[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 184, 102], [254, 232, 56]];
  const place = count > 1 ? (number / (count - 1)) * (stops.length - 1) : 0;
  const low = Math.min(stops.length - 2, Math.floor(place));
  return stops[low].map((value, c) => Math.round(value + (place - low) * (stops[low + 1][c] - value)));
}

/** The cells of a table as CSV (RFC 4180), numbers with all their digits. */
function tableCsv(table) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].map((row) => [...row.cells].map((cell) => quoted(cell.dataset.value ?? cell.textContent.trim())).join(",")).join("\n") + "\n";
}

/* ---- Tables -------------------------------------------------------------------------------------------------- */

/** The number that a text begins with, as it is printed; an empty text where there is none. */
function leadingNumber(text) {
  const found = /^\s*[−-]?\d+(\.\d+)?(e[+-]?\d+)?/i.exec(text);
  return found ? found[0].trim().replace("−", "-") : "";
}

/** Makes the heads of a table buttons that sort it. */
function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  [...body.rows].forEach((row) => row.cells[0].setAttribute("role", "rowheader"));
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.scope = "col";
    const numeric = head.classList.contains("right");
    const value = (row) => {
      const cell = row.cells[column];
      return numeric ? cell.dataset.value ?? leadingNumber(cell.textContent) : cell.textContent;
    };
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      // The better values come first; a second click reverses the order.
      const ascending = now ? now !== "ascending" : !button.textContent.endsWith("↑");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      // Controls are no competitors: they stay on top, in their order.
      const control = (row) => row.dataset.group === "control";
      const apart = [...body.rows].filter(control);
      const others = [...body.rows].filter((row) => !control(row));
      const rows = [...apart, ...others.sort((a, b) => compareValues(value(a), value(b), numeric, ascending))];
      // The space between groups belongs to the order in which the table came.
      rows.forEach((row) => row.classList.remove("group"));
      body.append(...rows);
    });
  });
}

/** Shows only the rows whose first cell holds one of the words; tables of other things than methods stay as they are. */
function filterRows(text) {
  const words = text.toLowerCase().split(",").map((word) => word.trim()).filter(Boolean);
  document.querySelectorAll(".sortable table").forEach((table) => {
    if (table.tHead.rows[0].cells[0].textContent.trim() !== "Method") {
      return;
    }
    [...table.tBodies[0].rows].forEach((row) => {
      const name = row.cells[0].textContent.toLowerCase();
      row.hidden = words.length > 0 && !words.some((word) => name.includes(word));
    });
  });
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without permission, as from some file systems: the old way.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function makeCopyable(group) {
  const status = group.querySelector("output");
  const table = document.getElementById(group.dataset.of).querySelector("table");
  const texts = { csv: () => tableCsv(table), latex: () => JSON.parse(document.getElementById(group.dataset.latex).textContent) };
  group.querySelectorAll("button").forEach((button) => {
    button.addEventListener("click", async () => {
      await copyText(texts[button.dataset.as]());
      status.textContent = "copied";
      setTimeout(() => (status.textContent = ""), 1500);
    });
  });
}

/* ---- Figures ------------------------------------------------------------------------------------------------- */

/** A thumbnail opens its figure over the page: a click there changes between the whole figure and its own pixels, Esc closes. */
function makeThumbnails() {
  const dialog = document.getElementById("large");
  const [image, caption] = [dialog.querySelector("img"), dialog.querySelector("figcaption")];
  document.querySelectorAll(".thumbnail").forEach((button) => {
    button.addEventListener("click", () => {
      const shown = button.querySelector("img");
      Object.assign(image, { src: shown.src, alt: shown.alt });
      caption.replaceChildren(...button.closest("figure").querySelector("figcaption").cloneNode(true).childNodes);
      dialog.classList.remove("pixels");
      dialog.showModal();
    });
  });
  image.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    dialog.classList.toggle("pixels");
    const frame = image.parentElement;
    frame.scrollTo(x * image.width - frame.clientWidth / 2, y * image.height - frame.clientHeight / 2);
  });
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

/* ---- Tabs ---------------------------------------------------------------------------------------------------- */

function makeTabs(onShow) {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));

  function show(name, focus) {
    // An address such as #tables-lytro names a place inside a panel.
    const chosen = Math.max(0, panels.findIndex((panel) => name === panel.id || name.startsWith(`${panel.id}-`)));
    tabs.forEach((tab, k) => {
      tab.setAttribute("aria-selected", String(k === chosen));
      tab.tabIndex = k === chosen ? 0 : -1;
      panels[k].hidden = k !== chosen;
    });
    if (focus) {
      tabs[chosen].focus();
    }
    onShow(panels[chosen].id);
  }

  tabs.forEach((tab, k) => {
    panels[k].setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => {
      show(panels[k].id, false);
      // After a click with a pointer (not with the keyboard) the viewer's keys work at once.
      if (event.detail > 0) {
        panels[k].querySelector("[role='application']")?.focus({ preventScroll: true });
      }
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const target = { Home: 0, End: tabs.length - 1 }[event.key] ?? (step && (k + step + tabs.length) % tabs.length);
      if (target !== undefined) {
        event.preventDefault();
        show(panels[target].id, true);
      }
    });
  });
  document.querySelector("nav").hidden = false;
  return show;
}

/* ---- Viewer -------------------------------------------------------------------------------------------------- */

/** A decoded WebP image from base64. */
async function decoded(data) {
  const image = new Image();
  image.src = `data:image/webp;base64,${data}`;
  await image.decode();
  return image;
}

/** RGBA bytes of an image. */
function pixels(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}

const FLICKER_MS = 600; // below three changes a second, the limit for people who cannot bear flashes
const SMOOTH_BELOW = 2; // magnification from which pixels are shown as they are
const GRIP = 24; // screen pixels around the divider that take hold of it

class Viewer {
  constructor(index, onChange) {
    this.index = index;
    this.onChange = onChange;
    this.view = new View();
    this.mode = "slider";
    this.split = 0.5;
    this.other = false;
    this.timer = 0;
    this.pictures = [];
    this.images = new Map();
    this.pointers = new Map();
    this.difference = { key: "", canvas: document.createElement("canvas") };
    const part = (name) => document.getElementById(`v-${name}`);
    this.stage = part("stage");
    this.canvas = part("canvas");
    this.at = { message: part("message"), tagA: part("tag-a"), tagB: part("tag-b"), zoom: part("zoom") };
    Object.assign(this.at, { status: part("status"), scores: part("scores"), split: part("split"), gain: part("gain") });
    this.pick = { dataset: part("dataset"), scene: part("scene"), a: part("a"), b: part("b") };
    this.playing = part("play");
    this.listen(part);
  }

  listen(part) {
    const { dataset, scene, a, b } = this.pick;
    dataset.replaceChildren(...this.index.datasets.map((d) => new Option(d.label, d.id)));
    dataset.addEventListener("change", () => this.openDataset(dataset.value));
    scene.addEventListener("change", () => this.openScene());
    [a, b].forEach((select) => select.addEventListener("change", () => this.showPair()));
    const press = {
      previous: () => this.stepScene(-1),
      next: () => this.stepScene(1),
      swap: () => this.swap(),
      in: () => this.zoomBy(1.5),
      out: () => this.zoomBy(1 / 1.5),
      fit: () => this.fit(),
      pixels: () => this.zoomTo(1 / this.ratio),
      flip: () => this.flip(),
      play: () => this.play(!this.timer),
    };
    Object.entries(press).forEach(([name, action]) => part(name).addEventListener("click", action));
    this.modeButtons = [...document.querySelectorAll("[data-mode]")];
    this.modeButtons.forEach((button) => button.addEventListener("click", () => this.setMode(button.dataset.mode)));
    this.at.split.addEventListener("input", () => this.setSplit(this.at.split.value / 100));
    this.at.gain.addEventListener("change", () => this.draw());
    this.listenToPointers();
    const panel = document.getElementById("viewer");
    // The keys work wherever the focus is, as long as the viewer is shown.
    document.addEventListener("keydown", (event) => panel.hidden || this.onKey(event));
    this.at.step = part("step");
    this.at.step.addEventListener("input", () => this.showSource(Number(this.at.step.value)));
    this.at.overlay = part("overlay");
    this.at.overlay.addEventListener("change", () => this.draw());
    this.at.legend = part("legend");
    this.at.taken = part("taken");
    new ResizeObserver(() => this.resized()).observe(this.stage);
  }

  get ratio() {
    return window.devicePixelRatio || 1;
  }

  /* -- what is shown -- */

  async openDataset(id, scene, a, b) {
    const chosen = this.index.datasets.find((d) => d.id === id) || this.index.datasets[0];
    this.pick.dataset.value = chosen.id;
    this.pick.scene.replaceChildren(...chosen.scenes.map((s) => new Option(s.name, s.block)));
    const wanted = chosen.scenes.find((s) => s.name === scene) || chosen.scenes[0];
    this.pick.scene.value = wanted.block;
    await this.openScene(a, b);
  }

  /** Opens the selected scene. Results that were compared before stay chosen where the scene has them. */
  async openScene(a = this.pick.a.value, b = this.pick.b.value) {
    const block = this.pick.scene.value;
    const { height, width, exact, sources, pictures, scores } = JSON.parse(document.getElementById(block).textContent);
    const moved = height !== this.height || width !== this.width;
    Object.assign(this, { height, width, exact, sources, pictures, scores });
    this.maps = new Map();
    document.querySelectorAll(".of-stack").forEach((element) => (element.hidden = sources < 3));
    this.at.step.max = sources;
    this.at.step.value = 1;
    // A new map: pictures of the scene before that are still being decoded end up in the old one.
    this.images = new Map();
    this.difference.key = "";
    const { compare } = this.index.datasets.find((d) => d.id === this.pick.dataset.value);
    const fallback = [...compare, "source_1", "source_2"].filter((key) => pictures.some((p) => p.key === key));
    const known = (key) => pictures.some((p) => p.key === key);
    this.fillResults(this.pick.a, known(a) ? a : fallback[0]);
    this.fillResults(this.pick.b, known(b) ? b : fallback[1]);
    if (moved) {
      this.fit();
    }
    await this.showPair();
  }

  fillResults(select, key) {
    const groups = Object.entries(this.index.kinds).map(([kind, label]) => {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...this.pictures.filter((p) => p.kind === kind).map((p) => new Option(p.label, p.key)));
      return group;
    });
    select.replaceChildren(...groups.filter((group) => group.children.length));
    select.value = key;
  }

  async showPair() {
    const keys = [this.pick.a.value, this.pick.b.value];
    const parts = keys.flatMap((key) => [this.load(key, "image"), this.load(key, "map")]);
    // It was said of what is shown no more.
    this.at.taken.textContent = "";
    this.stage.ariaBusy = "true";
    await Promise.all(parts);
    this.stage.ariaBusy = "false";
    this.updateScores();
    this.draw();
    this.say();
    this.onChange();
  }

  /** The decoded image (or map) of a result; kept as long as the scene is open. */
  async load(key, what) {
    const picture = this.pictures.find((p) => p.key === key);
    const name = `${key}/${what}`;
    const images = this.images;
    if (images.has(name)) {
      return;
    }
    if (what === "image" && picture.residual) {
      const keys = this.pictures.filter((p) => p.kind === "source").map((p) => p.key);
      await Promise.all(keys.map((source) => this.load(source, "image")));
      const [residual, nearest] = await Promise.all([decoded(picture.residual), decoded(picture.nearest)]);
      const sources = keys.map((source) => pixels(images.get(`${source}/image`)));
      const canvas = Object.assign(document.createElement("canvas"), { width: residual.width, height: residual.height });
      const data = new ImageData(rebuilt(pixels(residual), pixels(nearest), sources), residual.width, residual.height);
      canvas.getContext("2d").putImageData(data, 0, 0);
      images.set(name, canvas);
    } else if (picture[what]) {
      images.set(name, await decoded(picture[what]));
    }
  }

  /** The map of a result as it is shown: of a pair in black and white, of a stack one colour per source. */
  mapOf(key) {
    const map = this.images.get(`${key}/map`);
    if (!map || this.sources < 3) {
      return map;
    }
    if (!this.maps.has(key)) {
      const data = pixels(map);
      for (let k = 0; k < data.length; k += 4) {
        data.set(sourceColour(sourceNumber(data[k], this.sources), this.sources), k);
      }
      const canvas = Object.assign(document.createElement("canvas"), { width: map.width, height: map.height });
      canvas.getContext("2d").putImageData(new ImageData(data, map.width, map.height), 0, 0);
      this.maps.set(key, canvas);
    }
    return this.maps.get(key);
  }

  /** What the levels of a map or of a difference mean; nothing where neither is shown. */
  showLegend(mapped, known) {
    const count = this.sources;
    const difference = this.mode === "difference";
    this.at.legend.hidden = !known || !(mapped || difference || this.mode.startsWith("map"));
    const entries = difference
      ? [["#808080", "equal"], ["#ffffff", "A brighter"], ["#000000", "A darker"]]
      : count < 3
      ? [["#ffffff", "first source"], ["#000000", "last source"]]
      : [0, Math.round((count - 1) / 2), count - 1].map((number) => [`rgb(${sourceColour(number, count).join(" ")})`, `source ${number + 1}`]);
    this.at.legend.replaceChildren(
      ...entries.map(([colour, words]) => {
        const entry = document.createElement("span");
        const patch = document.createElement("i");
        patch.style.background = colour;
        entry.append(patch, words);
        return entry;
      }),
    );
  }

  /** Shows a source (from 1) as A. */
  showSource(number) {
    this.pick.a.value = `source_${Math.min(this.sources, Math.max(1, number))}`;
    this.showPair();
  }

  stepSource(step) {
    const now = /^source_(\d+)$/.exec(this.pick.a.value);
    const number = now ? Number(now[1]) + step : 1;
    this.at.step.value = number;
    this.showSource(number);
  }

  /** Says from which source the pixel of the result under the pointer came; over a source, which has no map, of the result beside it. */
  sayTaken(clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    const second = { mapb: true, flicker: this.other, slider: share > this.split, side: share > 0.5 }[this.mode] ?? false;
    const [a, b] = [this.pick.a.value, this.pick.b.value];
    const key = (second ? [b, a] : [a, b]).find((name) => this.images.has(`${name}/map`)) ?? a;
    const map = this.images.get(`${key}/map`);
    const [px, py] = this.fromMiddle(clientX, clientY);
    const [column, row] = [Math.floor(this.view.x + px / this.view.zoom), Math.floor(this.view.y + py / this.view.zoom)];
    if (!map || column < 0 || row < 0 || column >= this.width || row >= this.height) {
      this.at.taken.textContent = "";
      return;
    }
    const level = pixels(map)[4 * (row * this.width + column)];
    const number = sourceNumber(level, this.sources) + 1;
    this.at.taken.textContent = `${this.label(key)}, row ${row}, column ${column}: from source ${number} of ${this.sources}`;
  }

  label(key) {
    return this.pictures.find((p) => p.key === key)?.label ?? "";
  }

  stepScene(step) {
    const { scene } = this.pick;
    scene.selectedIndex = (scene.selectedIndex + step + scene.options.length) % scene.options.length;
    this.openScene();
  }

  stepResult(step) {
    const { b } = this.pick;
    b.selectedIndex = (b.selectedIndex + step + b.options.length) % b.options.length;
    this.showPair();
  }

  swap() {
    const { a, b } = this.pick;
    [a.value, b.value] = [b.value, a.value];
    this.showPair();
  }

  setMode(mode) {
    this.mode = this.modeButtons.some((button) => button.dataset.mode === mode) ? mode : "slider";
    this.modeButtons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === this.mode)));
    ["slider", "flicker", "difference"].forEach((name) => {
      document.querySelectorAll(`.of-${name}`).forEach((element) => (element.hidden = name !== this.mode));
    });

    if (this.mode !== "flicker") {
      this.play(false);
    }
    this.other = false;
    // Two panels are narrower than one: a view that showed everything shall still do so.
    this.resized();
    this.say();
    this.onChange();
  }

  flip() {
    if (this.mode !== "flicker") {
      this.setMode("flicker");
    }
    this.other = !this.other;
    this.draw();
  }

  play(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.flip(), FLICKER_MS) : 0;
    this.playing.setAttribute("aria-pressed", String(on));
  }

  setSplit(split) {
    this.split = Math.min(1, Math.max(0, split));
    this.at.split.value = this.split * 100;
    this.draw();
  }

  /* -- view -- */

  /** The panels in screen pixels: one, or two side by side. */
  panels() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (this.mode !== "side") {
      return [{ x: 0, width, height }];
    }
    const half = (width - 2) / 2;
    return [
      { x: 0, width: half, height },
      { x: half + 2, width: half, height },
    ];
  }

  fit() {
    this.fitted = true;
    this.view.fit(this.width, this.height, this.panels()[0]);
    this.draw();
  }

  least() {
    const [panel] = this.panels();
    return Math.min(1 / this.ratio, panel.width / this.width, panel.height / this.height) / 2;
  }

  zoomBy(factor, px = 0, py = 0) {
    this.fitted = false;
    this.view.scale(factor, px, py, this.least());
    this.draw();
  }

  zoomTo(zoom) {
    this.zoomBy(zoom / this.view.zoom);
  }

  moveBy(dx, dy) {
    this.fitted = false;
    this.view.move(dx, dy, this.width, this.height);
    this.draw();
  }

  resized() {
    if (!this.width || !this.stage.clientWidth) {
      return;
    }
    if (this.fitted) {
      this.fit();
    } else {
      this.draw();
    }
  }

  /* -- drawing -- */

  draw() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!this.width || !width) {
      return;
    }
    const ratio = this.ratio;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const [first, second] = this.panels();
    const [a, b] = [this.pick.a.value, this.pick.b.value];
    const image = (key) => this.images.get(`${key}/image`);
    const tags = [`A: ${this.label(a)}`, `B: ${this.label(b)}`];
    let message = "";
    const mapped = this.at.overlay.checked && this.sources > 2;
    // Over a result lies its own map, over a source, which has none, that of the result beside it.
    const paintResult = (key, other, ...place) => {
      this.paint(context, image(key), ...place);
      if (mapped) {
        context.globalAlpha = 0.45;
        this.paint(context, this.mapOf(this.images.has(`${key}/map`) ? key : other), ...place);
        context.globalAlpha = 1;
      }
    };
    if (this.mode === "slider") {
      const x = this.split * width;
      paintResult(a, b, first, 0, x);
      paintResult(b, a, first, x, width);
      this.paintDivider(context, x, height);
    } else if (this.mode === "side") {
      paintResult(a, b, first);
      paintResult(b, a, second);
    } else if (this.mode === "flicker") {
      paintResult(...(this.other ? [b, a] : [a, b]), first);
      tags[this.other ? 0 : 1] = "";
    } else if (this.mode === "difference") {
      if (this.exact) {
        this.paint(context, this.differenceOf(a, b, Number(this.at.gain.value)), first);
      } else {
        const known = this.index.exact.join(", ");
        message = `This scene is stored with losses: a difference would show the compression, not the methods. Without loss: ${known}.`;
      }
      tags.splice(0, 2, `A − B: ${this.label(a)} − ${this.label(b)}`, "");
    } else {
      const key = this.mode === "mapa" ? a : b;
      const map = this.mapOf(key);
      this.paint(context, map, first);
      tags.splice(0, 2, `Map: ${this.label(key)}`, "");
      message = map ? "" : `${this.label(key)} has no decision map.`;
    }
    this.showLegend(mapped, !message);
    this.showTags(tags);
    this.at.message.textContent = message;
    this.at.message.hidden = !message;
    this.at.zoom.textContent = `${Math.round(this.view.zoom * ratio * 100)} %`;
  }

  showTags([left, right]) {
    const { tagA, tagB } = this.at;
    tagA.textContent = left;
    tagB.textContent = right;
    tagA.hidden = !left;
    tagB.hidden = !right;
    tagA.style.maxWidth = right ? "" : "94%";
  }

  /** Draws an image into a panel, cut to the columns from..to of the stage. */
  paint(context, image, panel, from = panel.x, to = panel.x + panel.width) {
    if (!image || to <= from) {
      return;
    }
    const { zoom, x, y } = this.view;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, panel.height);
    context.clip();
    context.imageSmoothingEnabled = zoom * this.ratio < SMOOTH_BELOW;
    context.imageSmoothingQuality = "high";
    const left = panel.x + panel.width / 2 - x * zoom;
    context.drawImage(image, left, panel.height / 2 - y * zoom, this.width * zoom, this.height * zoom);
    context.restore();
  }

  paintDivider(context, x, height) {
    context.fillStyle = "rgb(0 0 0 / 60%)";
    context.fillRect(x - 2, 0, 4, height);
    context.fillStyle = "#ffffff";
    context.fillRect(x - 1, 0, 2, height);
    context.beginPath();
    context.arc(x, height / 2, 13, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = "#24282d";
    context.font = "bold 15px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("↔", x, height / 2 + 1);
  }

  differenceOf(a, b, gain) {
    const key = `${a} ${b} ${gain}`;
    const { canvas } = this.difference;
    if (this.difference.key === key) {
      return canvas;
    }
    if (!this.images.has(`${a}/image`) || !this.images.has(`${b}/image`)) {
      return null;
    }
    const { width, height } = this;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const [first, second] = [a, b].map((name) => {
      context.drawImage(this.images.get(`${name}/image`), 0, 0);
      return context.getImageData(0, 0, width, height).data;
    });
    context.putImageData(new ImageData(differenceLevels(first, second, gain), width, height), 0, 0);
    this.difference.key = key;
    return canvas;
  }

  /* -- words and numbers -- */

  say() {
    if (!this.width) {
      return;
    }
    const { scene, a, b } = this.pick;
    const mode = this.modeButtons.find((button) => button.dataset.mode === this.mode).textContent;
    const name = scene.selectedOptions[0].text;
    const text = `Scene ${name}. A: ${this.label(a.value)}. B: ${this.label(b.value)}. ${mode}.`;
    this.at.status.textContent = text;
    this.stage.setAttribute("aria-label", `Image comparison. ${text}`);
  }

  updateScores() {
    const [a, b] = [this.pick.a.value, this.pick.b.value];
    const rows = this.index.metrics
      .map((metric) => [metric, this.scores[metric.id]?.[a], this.scores[metric.id]?.[b]])
      .filter(([, first, second]) => first !== undefined || second !== undefined);
    if (!rows.length) {
      this.at.scores.replaceChildren();
      return;
    }
    const element = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name || "" });
    const table = document.createElement("table");
    table.createCaption().textContent = "Metrics of this scene";
    const head = table.createTHead().insertRow();
    head.append(element("th", "Metric"), element("th", `A: ${this.label(a)}`, "number"), element("th", `B: ${this.label(b)}`, "number"));
    const body = table.createTBody();
    rows.forEach(([metric, first, second]) => {
      const row = body.insertRow();
      const arrow = metric.direction === "larger" ? "↑" : "↓";
      row.append(element("th", `${metric.label} ${arrow}`));
      [[first, second], [second, first]].forEach(([value, rival]) => {
        const text = value === undefined ? "n/a" : value.toFixed(metric.digits);
        const cell = element("td", "", "number");
        const ahead = value !== undefined && rival !== undefined && (metric.direction === "larger" ? value > rival : value < rival);
        cell.append(element(ahead ? "strong" : "span", text));
        row.append(cell);
      });
    });
    this.at.scores.replaceChildren(table);
  }

  /* -- pointers and keys -- */

  listenToPointers() {
    const { stage } = this;
    stage.addEventListener("pointerdown", (event) => {
      const x = event.clientX - stage.getBoundingClientRect().left;
      const grip = this.mode === "slider" && Math.abs(x - this.split * stage.clientWidth) < GRIP;
      this.dividing = grip && this.pointers.size === 0;
      this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      this.sayTaken(event.clientX, event.clientY);
      stage.setPointerCapture(event.pointerId);
      stage.classList.add("dragging");
    });
    stage.addEventListener("pointermove", (event) => this.onPointerMove(event));
    ["pointerup", "pointercancel"].forEach((name) => {
      stage.addEventListener(name, (event) => {
        this.pointers.delete(event.pointerId);
        stage.classList.toggle("dragging", this.pointers.size > 0);
      });
    });
    stage.addEventListener("dblclick", (event) => {
      const [px, py] = this.fromMiddle(event.clientX, event.clientY);
      if (this.fitted) {
        this.zoomBy(4, px, py);
      } else {
        this.fit();
      }
    });
    const onWheel = (event) => {
      // Without the focus the wheel scrolls the page, as everywhere else on it.
      if (document.activeElement === stage || event.ctrlKey) {
        event.preventDefault();
        this.zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...this.fromMiddle(event.clientX, event.clientY));
      }
    };
    stage.addEventListener("wheel", onWheel, { passive: false });
  }

  /** A point of the window, measured from the middle of the panel it lies in. */
  fromMiddle(clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const x = clientX - box.left;
    const panel = this.panels().findLast((p) => x >= p.x) || this.panels()[0];
    return [x - panel.x - panel.width / 2, clientY - box.top - panel.height / 2];
  }

  onPointerMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.pointers.set(event.pointerId, now);
    if (others.length) {
      // Two fingers: half of this one's movement moves the image, the changed distance scales it around their middle.
      const [other] = others;
      const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      this.moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
      const middle = this.fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2);
      this.zoomBy(distance(now) / Math.max(1, distance(before)), ...middle);
    } else if (this.dividing) {
      this.setSplit((now.x - this.stage.getBoundingClientRect().left) / this.stage.clientWidth);
    } else {
      this.moveBy(now.x - before.x, now.y - before.y);
    }
  }

  onKey(event) {
    const target = event.target;
    // Lists and the divider have the arrows for themselves, buttons the space bar; the browser has its own keys.
    const taken = target.closest("select, input, [role='tab']") || (event.key === " " && target.closest("button"));
    if (taken || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = 40;
    const shifted = {
      ArrowLeft: () => this.moveBy(step, 0),
      ArrowRight: () => this.moveBy(-step, 0),
      ArrowUp: () => this.moveBy(0, step),
      ArrowDown: () => this.moveBy(0, -step),
    };
    const plain = {
      ArrowLeft: () => this.stepScene(-1),
      ArrowRight: () => this.stepScene(1),
      ArrowUp: () => this.stepResult(-1),
      ArrowDown: () => this.stepResult(1),
      " ": () => this.flip(),
      p: () => (this.setMode("flicker"), this.play(!this.timer)),
      "+": () => this.zoomBy(1.5),
      "=": () => this.zoomBy(1.5),
      "-": () => this.zoomBy(1 / 1.5),
      0: () => this.fit(),
      1: () => this.zoomTo(1 / this.ratio),
      "[": () => this.setSplit(this.split - 0.02),
      "]": () => this.setSplit(this.split + 0.02),
      s: () => this.setMode("slider"),
      f: () => this.setMode("flicker"),
      b: () => this.setMode("side"),
      d: () => this.setMode("difference"),
      m: () => this.setMode("mapa"),
      n: () => this.setMode("mapb"),
      x: () => this.swap(),
      ",": () => this.stepSource(-1),
      ".": () => this.stepSource(1),
      o: () => ((this.at.overlay.checked = !this.at.overlay.checked), this.draw()),
    };
    const action = (event.shiftKey && shifted[event.key]) || plain[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  }

  /** Where the viewer stands, for the address: /lytro/lytro_01/gacn/gff/slider. */
  place() {
    const { dataset, scene, a, b } = this.pick;
    return [dataset.value, scene.selectedOptions[0]?.text ?? "", a.value, b.value, this.mode].map(encodeURIComponent).join("/");
  }
}

/* ---- Start --------------------------------------------------------------------------------------------------- */

/** The parts of an address such as #viewer/lytro/lytro_01; one that was damaged on its way counts as none. */
function readAddress(hash) {
  try {
    return hash.slice(1).split("/").map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) {
      return [];
    }
    throw error;
  }
}

function start() {
  document.querySelectorAll(".sortable table").forEach(makeSortable);
  document.querySelectorAll(".copy").forEach(makeCopyable);
  document.getElementById("t-filter")?.addEventListener("input", (event) => filterRows(event.target.value));
  makeThumbnails();
  const [tab, ...place] = readAddress(location.hash);
  const index = document.getElementById("viewer-index");
  let viewer = null;
  let shown = "";

  // The address says what is shown, so that a view can be sent to a colleague who has the file.
  function remember() {
    const more = shown === "viewer" && viewer ? `/${viewer.place()}` : "";
    history.replaceState(null, "", `#${shown}${more}`);
  }

  const show = makeTabs((name) => {
    shown = name;
    if (name === "viewer" && index && !viewer) {
      viewer = new Viewer(JSON.parse(index.textContent), remember);
      const [dataset, scene, a, b, mode] = place;
      viewer.setMode(mode);
      viewer.openDataset(dataset, scene, a, b);
    } else {
      remember();
    }
  });
  show(tab ?? "", false);
}

if (typeof document !== "undefined") {
  start();
} else {
  module.exports = { compareValues, leadingNumber, View, differenceLevels, readAddress, rebuilt, sourceNumber, sourceColour };
}
