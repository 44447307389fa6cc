// Draws {items: [{id, src, label}], selected, checked} as a grid of buttons; reports the clicked id
// as `picked` and, where `checked` is a list, the ids of the ticked pictures as `checked`.
// Text goes in through textContent only, so a class name can never become markup.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    parentElement.appendChild(grid);
  }
  grid.style.setProperty("--tile", `${data.tile_px}px`);
  const checked = data.checked && new Set(data.checked);
  const pick = (id) => setTriggerValue("picked", id);
  const check = (id, on) => {
    on ? checked.add(id) : checked.delete(id);
    setStateValue("checked", [...checked]);
  };
  const cells = data.items.map((item) => {
    const button = tile(item, data.selected, pick);
    return checked ? tickable(button, item, checked.has(item.id), check) : button;
  });
  replace(grid, cells);
}

// Whoever uses the keyboard stays at the place where they were.
function replace(grid, cells) {
  const stops = () => [...grid.querySelectorAll("button, input")];
  const place = stops().indexOf(grid.getRootNode().activeElement);
  grid.replaceChildren(...cells);
  stops()[place]?.focus({ preventScroll: true });
}

function tile(item, selected, pick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tile";
  button.title = item.label;
  button.setAttribute("aria-pressed", String(item.id === selected));
  const picture = document.createElement("img");
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.alt = item.label;
  picture.onload = () => button.classList.toggle("small", picture.naturalWidth < 48);
  picture.src = item.src;
  const caption = document.createElement("span");
  caption.textContent = item.label;
  button.append(picture, caption);
  button.onclick = () => pick(item.id);
  return button;
}

function tickable(button, item, on, check) {
  const cell = document.createElement("div");
  cell.className = "cell";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = on;
  box.setAttribute("aria-label", item.label);
  box.onchange = () => check(item.id, box.checked);
  cell.append(button, box);
  return cell;
}
