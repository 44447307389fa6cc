// A curve by batch on a canvas: each batch, smoothed, and the validation by epoch. It is drawn
// several times a second, in about a millisecond; a chart of Plotly takes a hundred.
// Text goes in through textContent only, so a name can never become markup.
const LINES = {
  batches: { colour: 0, width: 1, alpha: 0.35 },
  smoothed: { colour: 1, width: 2.5, alpha: 1 },
  epochs: { colour: 2, width: 2, alpha: 1, dots: true },
};
const LEFT = 56, RIGHT = 10, TOP = 8, BOTTOM = 44;
const LABEL_PX = { across: 80, down: 36 }; // room for the number at a tick

// spec: {key, title, x_title, lines: [name], against, mark: [x, text]}. With `against` the
// horizontal axis is that metric, by powers of ten, and losses far above the first are cut off.
class Chart {
  constructor(spec, texts, format) {
    Object.assign(this, { spec, texts, format, lines: [] });
    this.figure = element("figure");
    const caption = element("figcaption", this.figure);
    element("strong", caption).textContent = spec.title;
    this.legend = Object.fromEntries(spec.lines.map((name) => [name, this.entry(caption, name)]));
    this.canvas = element("canvas", this.figure);
    this.canvas.setAttribute("role", "img");
    this.canvas.onpointermove = (event) => this.point(event.offsetX);
    this.canvas.onpointerleave = () => this.point(null);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.canvas);
  }

  entry(caption, name) {
    const entry = element("span", caption);
    const swatch = element("i", entry);
    swatch.style.background = `var(--line-${LINES[name].colour})`;
    swatch.style.opacity = LINES[name].alpha;
    element("span", entry).textContent = this.texts[name];
    return element("output", entry);
  }

  point(place) {
    this.pointed = place;
    this.draw();
  }

  // curves: metric → name → [[batch, value]]
  show(curves) {
    const { key, against, lines } = this.spec;
    const across = against && new Map(curves[against]?.batches);
    const placed = (points) =>
      across ? points.map(([at, y]) => [across.get(at), y]).filter(([x]) => x > 0) : points;
    this.lines = lines.map((name) => [name, placed(curves[key]?.[name] ?? [])]);
    this.newest = curves[key]?.batches.at(-1)?.[0] ?? 0;
    this.draw();
  }

  draw() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.paint();
    });
  }

  paint() {
    const points = this.lines.flatMap(([, line]) => line).filter(([, y]) => Number.isFinite(y));
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!points.length || !width) return;
    const context = this.prepared(width, height);
    this.scale(points, width, height);
    this.axes(context, width, height);
    context.save();
    context.rect(LEFT, 0, width - LEFT, height - BOTTOM + 1);
    context.clip();
    for (const [name, line] of this.lines) this.line(context, LINES[name], line);
    context.restore();
    if (this.spec.mark) this.mark(context, width, height);
    this.read(context, height);
  }

  prepared(width, height) {
    const ratio = devicePixelRatio;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.canvas);
    this.colours = [0, 1, 2].map((place) => style.getPropertyValue(`--line-${place}`));
    this.ink = style.color;
    this.grid = style.getPropertyValue("--st-border-color");
    context.font = `12px ${style.fontFamily}`;
    return context;
  }

  scale(points, width, height) {
    const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
    const first = this.lines.find(([name]) => name === "smoothed")?.[1][0]?.[1];
    const most = this.spec.against && first ? Math.min(Math.max(...ys), 1.5 * first) : Math.max(...ys);
    const low = Math.min(...ys), room = 0.05 * (most - low) || 0.5 * Math.abs(most) || 1;
    this.y = axis(Math.max(low - room, 0), most + room, height - BOTTOM, TOP);
    this.x = this.spec.against
      ? axis(Math.min(...xs), Math.max(...xs), LEFT, width - RIGHT, Math.log10)
      : axis(0, Math.max(...xs, 1), LEFT, width - RIGHT);
  }

  axes(context, width, height) {
    context.lineWidth = 1;
    context.strokeStyle = this.grid;
    context.fillStyle = this.ink;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of this.y.ticks(LABEL_PX.down)) {
      stroke(context, [[LEFT, this.y(value)], [width - RIGHT, this.y(value)]]);
      context.fillText(this.format(value), LEFT - 8, this.y(value));
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const value of this.x.ticks(LABEL_PX.across)) {
      const text = this.format(value), half = context.measureText(text).width / 2;
      context.fillText(text, Math.min(this.x(value), width - half), height - BOTTOM + 7);
    }
    context.fillText(this.spec.x_title, (LEFT + width - RIGHT) / 2, height - 16);
  }

  line(context, { colour, width, alpha, dots }, points) {
    context.globalAlpha = alpha;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.strokeStyle = context.fillStyle = this.colours[colour];
    const places = points.map(([x, y]) => [this.x(x), this.y(y)]);
    stroke(context, places);
    for (const place of dots ? places : []) dot(context, place, 3.5);
    context.globalAlpha = 1;
  }

  mark(context, width, height) {
    const [value, text] = this.spec.mark;
    const x = this.x(value);
    if (x < LEFT || x > width - RIGHT) return;
    context.setLineDash([2, 3]);
    context.strokeStyle = this.ink;
    stroke(context, [[x, TOP], [x, height - BOTTOM]]);
    context.setLineDash([]);
    const right = x < width / 2;
    const smooth = this.lines.find(([name]) => name === "smoothed")?.[1] ?? [];
    const rises = smooth.length && smooth.at(-1)[1] > smooth[0][1];
    context.textAlign = right ? "left" : "right";
    context.textBaseline = rises ? "bottom" : "top"; // where no curve is
    context.fillText(text, x + (right ? 6 : -6), rises ? height - BOTTOM - 6 : TOP);
  }

  // The legend tells the values under the pointer, else the newest.
  read(context, height) {
    const nearest = (points) =>
      this.pointed == null
        ? points.at(-1)
        : points.reduce((a, b) => (this.away(b) < this.away(a) ? b : a), points[0]);
    const told = [];
    for (const [name, points] of this.lines) {
      const found = nearest(points);
      const text = found ? this.format(found[1]) : "–";
      if (this.legend[name].textContent !== text) this.legend[name].textContent = text;
      told.push(`${this.texts[name]} ${text}`);
      if (found && this.pointed != null) {
        context.fillStyle = this.colours[LINES[name].colour];
        dot(context, [this.x(found[0]), this.y(found[1])], 4);
        if (name === this.spec.lines[0]) this.cursor(context, this.x(found[0]), found[0], height);
      }
    }
    const place = `${this.spec.title}, ${this.texts.batch} ${this.newest}`;
    this.canvas.setAttribute("aria-label", `${place}: ${told.join(", ")}`);
  }

  away([x]) {
    return Math.abs(this.x(x) - this.pointed);
  }

  cursor(context, x, value, height) {
    context.strokeStyle = this.ink;
    context.globalAlpha = 0.4;
    stroke(context, [[x, TOP], [x, height - BOTTOM]]);
    context.globalAlpha = 1;
    const text = this.format(value);
    const half = context.measureText(text).width / 2 + 5;
    context.fillStyle = this.ink;
    const middle = Math.min(x, this.canvas.clientWidth - half);
    context.fillRect(middle - half, height - BOTTOM + 3, 2 * half, 18);
    context.fillStyle = getComputedStyle(this.canvas).getPropertyValue("--st-background-color");
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(text, middle, height - BOTTOM + 7);
  }

  end() {
    this.resized.disconnect();
    cancelAnimationFrame(this.due);
  }
}

function element(name, parent, className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  parent?.append(made);
  return made;
}

// Value → pixel; `ticks(room)` are round values that many pixels apart at least.
function axis(low, high, from, to, of = (value) => value) {
  const [a, b] = [of(low), of(high)];
  const place = (value) => from + ((of(value) - a) / (b - a || 1)) * (to - from);
  place.ticks = (room) => {
    const least = (b - a) / Math.max(1, Math.floor(Math.abs(to - from) / room));
    const power = 10 ** Math.floor(Math.log10(least || 1));
    const round = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= least);
    const step = of === Math.log10 ? Math.max(1, Math.round(round)) : round;
    const first = Math.ceil(a / step - 1e-9), last = Math.floor(b / step + 1e-9);
    const all = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
    return of === Math.log10 ? all.map((digits) => 10 ** digits) : all;
  };
  return place;
}

function stroke(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}

function dot(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
