// The live camera of the widget. `element`, `props` and `words` are given; `props.value` is the
// name of the model. One frame at a time: the next one is taken when the answer is there, so
// nothing can queue up.
const PAUSE_MS = 700;
const BUSY_MS = 2000;
const PATIENCE_MS = 15000;
const LONGEST = 640; // pixels: more than any network here looks at

const video = element.querySelector("video");
const found = element.querySelector(".found");
const headline = element.querySelector(".headline");
const list = element.querySelector("ol");
const told = element.querySelector(".told");
const button = element.querySelector(".start");
const canvas = document.createElement("canvas");

let running = null; // the AbortController of this run

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What did not change is left alone, so that it is not announced again.
const say = (line, text) => {
  if (line.textContent !== text) line.textContent = text;
};

function frame() {
  const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}

async function ask(signal) {
  const form = new FormData();
  form.append("image", await frame(), "frame.jpg");
  form.append("model", props.value ?? "");
  form.append("top", "3");
  return fetch("/api/v1/classify", {
    method: "POST",
    body: form,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
}

function show(answer) {
  const named = (item) => (item.task ? `${item.task}: ${item.label}` : item.label);
  const known = !answer.assurance || answer.assurance.known;
  const best = answer.predictions.filter(
    (item, place, all) => place === 0 || item.task !== all[place - 1].task,
  );
  say(headline, known ? best.map((item) => item.label).join(" · ") : words.unknown);
  list.replaceChildren(
    ...answer.predictions.map((item) => {
      const line = document.createElement("li");
      const name = document.createElement("span");
      const share = document.createElement("span");
      name.textContent = named(item);
      share.textContent = `${Math.round(item.probability * 100)}%`;
      line.style.setProperty("--share", item.probability);
      line.append(name, share);
      return line;
    }),
  );
}

function stop(sentence, next) {
  running?.abort();
  running = null;
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
  found.hidden = true;
  say(told, sentence);
  button.textContent = next;
}

const reason = (error) =>
  ({ NotAllowedError: words.denied, NotFoundError: words.none })[error.name] ?? words.unusable;

async function open(signal) {
  if (!navigator.mediaDevices) throw { name: "insecure" };
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: LONGEST }, facingMode: "environment" },
  });
  if (signal.aborted) {
    stream.getTracks().forEach((track) => track.stop()); // stopped while the browser asked
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
}

async function classifyUntil(end, signal) {
  while (!signal.aborted) {
    if (performance.now() > end) return stop(words.over, words.again);
    if (!element.checkVisibility()) return stop("", words.start); // folded away
    const began = performance.now();
    const answer = await ask(signal);
    if (signal.aborted) return;
    if (answer.ok) {
      show(await answer.json());
      found.hidden = false;
      say(told, "");
    } else if ([429, 503, 504].includes(answer.status)) {
      say(told, words.busy);
      await wait(BUSY_MS);
    } else {
      return stop(words.failed, words.again);
    }
    await wait(Math.max(0, PAUSE_MS - (performance.now() - began)));
  }
}

async function start() {
  running = new AbortController();
  const { signal } = running;
  say(told, "");
  headline.textContent = "";
  button.textContent = words.stop;
  try {
    await open(signal);
  } catch (error) {
    if (!signal.aborted) stop(error.name === "insecure" ? words.insecure : reason(error), words.start);
    return;
  }
  const end = performance.now() + words.seconds * 1000;
  try {
    await classifyUntil(end, signal);
  } catch {
    if (signal.aborted) return;
    // A computer that slept finds its question timed out: the minute was over before that.
    stop(performance.now() > end ? words.over : words.failed, words.again);
  }
}

button.addEventListener("click", () => (running ? stop("", words.start) : start()));
document.addEventListener("visibilitychange", () => {
  if (document.hidden && running) stop(words.left, words.again);
});
