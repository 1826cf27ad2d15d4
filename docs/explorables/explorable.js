"use strict";
// Shared by the explorables: plots that follow light and dark, controls, numbers with units, and a voice for readers
// of the screen. A page calls Explorable.run; `window.explorable` lets a test set its state and read exact numbers.

const Explorable = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function make(parent, name, attributes = {}, text) {
    const svg = parent instanceof SVGElement || name === "svg";
    const each = svg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) each.setAttribute(key, value);
    if (text !== undefined) each.textContent = text;
    return parent.appendChild(each);
  }

  /** A number as it is shown: with a true minus sign, and never "−0.000". */
  function shown(value, digits = 3) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
    const large = Math.abs(value) >= 1e6;
    const text = large ? value.toExponential(2) : value.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
  }

  /** Axes in the units of the data, and what is drawn in them. */
  class Plot {
    constructor(parent, { x, y, width = 400, height = 320, xlabel = "", ylabel = "", label, xticks, yticks, square }) {
      this.x = x;
      this.y = y;
      const left = ylabel || yticks ? 44 : 12, bottom = xlabel ? 38 : 22;
      if (square) height = (width - left - 10) * (y[1] - y[0]) / (x[1] - x[0]) + bottom + 10;
      this.box = [left, 10, width - 10, height - bottom];
      this.svg = make(parent, "svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
      const clip = `clip-${Plot.count = (Plot.count || 0) + 1}`, [x0, y0, x1, y1] = this.box;
      make(make(this.svg, "clipPath", { id: clip }), "rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0 });
      const axes = make(this.svg, "g", { "aria-hidden": "true" });
      make(axes, "path", { class: "axis", d: `M${x0} ${y0}V${y1}H${x1}` });
      for (const [value, text] of this.ticks(xticks, x)) {
        const at = this.right(value);
        make(axes, "path", { class: "axis", d: `M${at} ${y1}v4` });
        make(axes, "text", { x: at, y: y1 + 16, "text-anchor": "middle" }, text);
      }
      for (const [value, text] of this.ticks(yticks, y)) {
        const at = this.down(value);
        make(axes, "path", { class: "axis", d: `M${x0} ${at}h-4` });
        make(axes, "text", { x: x0 - 6, y: at + 4, "text-anchor": "end" }, text);
      }
      make(axes, "text", { x: (x0 + x1) / 2, y: height - 5, "text-anchor": "middle" }, xlabel);
      make(axes, "text", { x: 11, y: (y0 + y1) / 2, "text-anchor": "middle", transform: `rotate(-90 11 ${(y0 + y1) / 2})` }, ylabel);
      this.inside = make(this.svg, "g", { "clip-path": `url(#${clip})`, "aria-hidden": "true" });
      this.above = make(this.svg, "g", { "aria-hidden": "true" });
    }

    ticks(given, [low, high]) {
      if (given) return given.map(each => (Array.isArray(each) ? each : [each, shown(each, Number.isInteger(each) ? 0 : 1)]));
      const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), found = [];
      for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9; n++) found.push([n * step, shown(n * step, digits)]);
      return found;
    }

    right(value) { return this.box[0] + (value - this.x[0]) / (this.x[1] - this.x[0]) * (this.box[2] - this.box[0]); }
    down(value) { return this.box[3] - (value - this.y[0]) / (this.y[1] - this.y[0]) * (this.box[3] - this.box[1]); }
    clear() { this.inside.replaceChildren(); this.above.replaceChildren(); }

    /** A line through points [[x, y], …]. */
    curve(points, names = "", closed = false) {
      const far = 1e4, at = value => Math.max(-far, Math.min(far, value)).toFixed(2);
      const d = points.map(([x, y], n) => `${n ? "L" : "M"}${at(this.right(x))} ${at(this.down(y))}`).join("") + (closed ? "Z" : "");
      return make(this.inside, "path", { class: names.includes("area") ? names : `curve ${names}`, d });
    }

    dot(x, y, names = "", r = 3.5) {
      return make(this.inside, "circle", { class: `solid ${names}`, cx: this.right(x), cy: this.down(y), r });
    }

    text(x, y, text, names = "", anchor = "start", dx = 0, dy = 0) {
      return make(this.above, "text", { class: names, x: this.right(x) + dx, y: this.down(y) + dy, "text-anchor": anchor }, text);
    }

    rect(x0, y0, x1, y1, names = "") {
      const [a, b] = [this.right(x0), this.right(x1)], [c, d] = [this.down(y0), this.down(y1)];
      return make(this.inside, "rect", { class: names, x: Math.min(a, b), y: Math.min(c, d), width: Math.abs(b - a), height: Math.abs(d - c) });
    }

    /** Points of the ellipse of a covariance [a, b, c] = [[a, b], [b, c]] at `radius` standard deviations. */
    ellipse([mx, my], [a, b, c], radius, names) {
      const l = Math.sqrt(a), m = b / l, n = Math.sqrt(Math.max(c - m * m, 0)), points = [];
      for (let k = 0; k < 96; k++) {
        const u = radius * Math.cos(2 * Math.PI * k / 96), v = radius * Math.sin(2 * Math.PI * k / 96);
        points.push([mx + l * u, my + m * u + n * v]);
      }
      return this.curve(points, names, true);
    }

    /** A dot to drag, by mouse, finger or the arrow keys (with Shift: ten times as far). */
    handle({ label, names = "orange", step = 0.05, get, set }) {
      const group = make(this.svg, "g", { class: `handle ${names}`, tabindex: 0, role: "slider", "aria-label": label });
      make(group, "circle", { class: "reach", r: 18 });
      make(group, "circle", { class: "dot", r: 7.5 });
      const inside = (value, [low, high]) => Math.min(high, Math.max(low, value));
      const move = (x, y) => { set(inside(x, this.x), inside(y, this.y)); };
      group.addEventListener("pointerdown", event => { group.setPointerCapture(event.pointerId); event.preventDefault(); group.focus(); });
      group.addEventListener("pointermove", event => {
        if (!group.hasPointerCapture(event.pointerId)) return;
        const box = this.svg.getBoundingClientRect(), scale = this.svg.viewBox.baseVal.width / box.width;
        const right = (event.clientX - box.left) * scale, down = (event.clientY - box.top) * scale, [x0, y0, x1, y1] = this.box;
        move(this.x[0] + (right - x0) / (x1 - x0) * (this.x[1] - this.x[0]), this.y[0] + (y1 - down) / (y1 - y0) * (this.y[1] - this.y[0]));
      });
      group.addEventListener("keydown", event => {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!way) return;
        event.preventDefault();
        const [x, y] = get(), size = step * (event.shiftKey ? 10 : 1);
        move(x + way[0] * size, y + way[1] * size);
      });
      return {
        place: () => {
          const [x, y] = get();
          group.setAttribute("transform", `translate(${this.right(x)} ${this.down(y)})`);
          for (const [key, value] of [["valuemin", this.x[0]], ["valuemax", this.x[1]], ["valuenow", inside(x, this.x)]]) group.setAttribute(`aria-${key}`, value);
          group.setAttribute("aria-valuetext", `${shown(x, 2)}, ${shown(y, 2)}`);
        },
      };
    }
  }

  function addControl(parent, control, state, changed) {
    if (control.buttons) {
      const group = make(parent, "div", { class: "buttons" });
      for (const [label, action] of control.buttons) {
        make(group, "button", { type: "button" }, label).addEventListener("click", () => { action(state); changed(); });
      }
      return () => {};
    }
    if (control.choices) {
      const group = make(parent, "fieldset", { class: "control" });
      make(group, "legend", {}, control.label);
      const box = make(group, "div", { class: "choices" }), inputs = control.choices.map(([value, text]) => {
        const label = make(box, "label"), input = make(label, "input", { type: "radio", name: control.key, value });
        label.append(text);
        input.addEventListener("change", () => { state[control.key] = value; changed(control.key); });
        return input;
      });
      return () => inputs.forEach(input => { input.checked = input.value === String(state[control.key]); });
    }
    const { key, label, min, max, step = 0.01, unit = "", digits = 2, log = false } = control;
    const group = make(parent, "div", { class: "control" }), name = make(group, "label", { for: key }, label);
    const output = make(name, "output", { for: key });
    const to = log ? Math.log10 : value => value, from = log ? value => Number((10 ** value).toPrecision(4)) : value => value;
    const input = make(group, "input", { type: "range", id: key, min: to(min), max: to(max), step });
    input.addEventListener("input", () => { state[key] = from(Number(input.value)); changed(key); });
    return () => {
      input.value = to(state[key]);
      output.textContent = shown(state[key], digits) + (unit && ` ${unit}`);
      input.setAttribute("aria-valuetext", output.textContent);
    };
  }

  /**
   * Start a page: `state`, `controls` below #controls, `rows` of exact numbers below #numbers, `numbers(state)`,
   * `draw(state, numbers)`, and `says(state, numbers)`, the one sentence that is shown and, after a pause, read out.
   */
  function run({ state, controls = [], rows = [], numbers, draw, says, changed = () => {} }) {
    const cells = {}, table = make(make(document.getElementById("numbers"), "table", { class: "numbers" }), "tbody");
    for (const { key, label, unit = "", names = "", total = false } of rows) {
      const row = make(table, "tr", { class: total ? "total" : "" });
      make(make(row, "th", { scope: "row" }), "span", { class: names && `key ${names}` }, label);
      cells[key] = make(row, "td");
      make(row, "td", {}, unit);
    }
    const spoken = document.getElementById("says"), voice = make(document.body, "p", { class: "unseen", role: "status" });
    let waiting, found;
    const refresh = key => {
      changed(state, key);
      controls.forEach((_, n) => shows[n]());
      found = numbers(state);
      for (const { key: name, digits = 3 } of rows) {
        cells[name].textContent = shown(found[name], digits);
        cells[name].dataset.value = found[name];
      }
      draw(state, found);
      spoken.textContent = says(state, found);
      clearTimeout(waiting);
      waiting = setTimeout(() => { voice.textContent = spoken.textContent; }, 600);
    };
    const shows = controls.map(control => addControl(document.getElementById(control.where || "controls"), control, state, refresh));
    window.explorable = { set: values => { Object.assign(state, values); refresh(); }, numbers: () => found, state, refresh };
    refresh();
    if (window.parent !== window) in_a_frame(refresh);
  }

  const is_dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  /** In a frame: tell the page around it how high this one is, and follow its choice of light or dark: `{theme: "dark"}`. */
  function in_a_frame(refresh) {
    const main = document.querySelector("main");
    document.documentElement.classList.add("in-a-frame");
    const tell = () => parent.postMessage({ explorable: true, height: Math.ceil(main.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(main);
    addEventListener("message", event => {
      const theme = event.source === parent && event.data && event.data.theme;
      if (!["light", "dark"].includes(theme) || document.documentElement.dataset.theme === theme) return;
      document.documentElement.dataset.theme = theme;
      refresh();
    });
  }

  return { Plot, is_dark, make, run, shown };
})();
