// Asks Lightbox for what is new of a run and draws it: its progress and some of its curves.
// data: {url, revision, lang, texts, stages, charts}. `stages` (id → name) only where the progress
// is to be drawn; then `changed` is triggered as soon as Lightbox has another `revision`.
const EVERY_MS = 400;
const AGAIN_MS = 2000; // the page is drawn anew no more often: that costs a browser a tenth of a second
const LOST_MS = 4000;

const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  view.show(data, () => setTriggerValue("changed", true));
  return () => {
    views.delete(parentElement);
    view.end();
  };
}

class View {
  constructor(parent) {
    this.root = element("div", parent, "live");
    this.charts = [];
    this.told = this.heard = -Infinity;
    this.shown = () => document.hidden || this.poll();
    document.addEventListener("visibilitychange", this.shown);
  }

  show(data, tell) {
    const drawn = JSON.stringify([data.url, data.charts, data.texts, data.stages]);
    Object.assign(this, { data, tell });
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.build();
    }
    const colours = getComputedStyle(this.root).getPropertyValue("--st-chart-categorical-colors");
    colours.split(",").slice(0, 3).forEach((colour, place) => {
      this.root.style.setProperty(`--line-${place}`, colour);
    });
    this.charts.forEach((chart) => chart.draw()); // the theme may be another now
  }

  build() {
    const { charts, texts, stages, lang } = this.data;
    this.charts.forEach((chart) => chart.end());
    this.root.replaceChildren();
    this.progress = stages && new Progress(this.root, this.data);
    const format = numbers(lang);
    this.charts = charts.map((spec) => new Chart(spec, texts, format));
    element("div", this.root, "charts").append(...this.charts.map((chart) => chart.figure));
    this.root.classList.add("empty");
    const keys = charts.flatMap(({ key, against }) => (against ? [key, against] : [key]));
    this.keys = [...new Set(keys)];
    this.curves = {};
    this.stretch = this.since = 0;
    this.poll();
  }

  async poll() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const answer = await fetch(`${this.data.url}?${this.query()}`, { signal: asking.signal });
      if (answer.status === 404) this.changed();
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      if (asking.signal.aborted) return;
      this.take(news);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (performance.now() - this.heard > LOST_MS) this.progress?.lost();
    }
    // Nobody looks at a hidden page; it asks again when it is shown.
    if (!document.hidden) this.timer = setTimeout(() => this.poll(), EVERY_MS);
  }

  query() {
    const asked = this.keys.map((key) => ["key", key]);
    return new URLSearchParams([...asked, ["since_step", this.since], ["stretch", this.stretch]]);
  }

  take(news) {
    this.heard = performance.now();
    if (news.stretch !== this.stretch) {
      this.curves = {};
      this.since = 0;
    }
    this.stretch = news.stretch;
    for (const [key, lines] of Object.entries(news.curves)) {
      const known = (this.curves[key] ??= {});
      for (const [name, points] of Object.entries(lines)) {
        const kept = name === "epochs" ? [] : (known[name] ?? []);
        known[name] = kept.filter(([step]) => step <= this.since).concat(points);
      }
    }
    // The last point of a curve by batch still changes, so it is asked for again.
    this.since = Math.min(...this.keys.map((key) => this.curves[key]?.batches.at(-2)?.[0] ?? 0));
    this.root.dataset.step = news.step;
    this.root.classList.toggle("empty", !news.step);
    this.progress?.show(news);
    this.charts.forEach((chart) => chart.show(this.curves));
    if (news.revision !== this.data.revision) this.changed();
  }

  changed() {
    const now = performance.now();
    if (!this.data.stages || now - this.told < AGAIN_MS) return;
    this.told = now;
    this.tell();
  }

  end() {
    document.removeEventListener("visibilitychange", this.shown);
    clearTimeout(this.timer);
    this.asking?.abort();
    this.charts.forEach((chart) => chart.end());
    this.root.remove();
  }
}

class Progress {
  constructor(root, { texts, stages, lang }) {
    Object.assign(this, { texts, stages, format: new Intl.NumberFormat(lang, { maximumFractionDigits: 0 }) });
    this.text = element("div", root, "position");
    this.bar = element("progress", root);
    this.figures = element("dl", root);
    this.values = {};
  }

  show(news) {
    const [done, total] = news.stage_count.split("/").map(Number);
    const trains = news.stage === "training" && news.steps > 0;
    const stage = this.stages[news.stage] ?? news.stage;
    const share = trains ? news.step / news.steps : total ? done / total : null;
    write(this.text, trains ? fill(this.texts.position, news) : total ? `${stage}: ${done} / ${total}` : `${stage} …`);
    this.bar.hidden = share === null;
    this.bar.value = Math.min(share ?? 0, 1);
    this.bar.setAttribute("aria-label", this.text.textContent);
    this.figures.hidden = !trains;
    if (trains) this.tell(news);
  }

  tell(news) {
    const megabytes = (value) => (value == null ? "–" : `${this.format.format(value)} MB`);
    const loss = news.curves.loss?.batches.at(-1)?.[1];
    this.figure("time_left", range(news.seconds_left));
    this.figure("loss", loss === undefined ? "–" : loss.toFixed(3));
    this.figure("speed", this.format.format(news.images_per_second));
    this.figure("memory", megabytes(news.memory_mb));
    if (news.gpu_memory_mb != null) this.figure("gpu_memory", megabytes(news.gpu_memory_mb));
  }

  figure(name, value) {
    if (!this.values[name]) {
      const place = element("div", this.figures);
      element("dt", place).textContent = this.texts[name];
      this.values[name] = element("dd", place);
    }
    write(this.values[name], value);
  }

  lost() {
    write(this.text, this.texts.lost);
  }
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function range(seconds) {
  if (!seconds) return "–";
  const [low, high] = seconds.map(duration);
  return low === high ? low : `${low} – ${high}`;
}

// As `run_progress.duration_text` writes it.
function duration(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return [...(whole < 3600 ? [] : [Math.floor(whole / 3600)]), ...parts].join(":");
}

function numbers(lang) {
  const plain = new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 });
  return (value) =>
    value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6)
      ? plain.format(value)
      : value.toExponential(Math.abs(value) < 1 ? 2 : 1).replace(/\.?0*e\+?/, "e");
}
