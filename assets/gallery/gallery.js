// Draws {items: [{id, src, label}], selected} as a grid of buttons; reports the clicked id.
// Text goes in through textContent only, so a class name can never become markup.
export default function ({ data, parentElement, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    parentElement.appendChild(grid);
  }
  grid.style.setProperty("--tile", `${data.tile_px}px`);
  grid.replaceChildren(...data.items.map((item) => tile(item, data.selected, setTriggerValue)));
}

function tile(item, selected, setTriggerValue) {
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
  button.onclick = () => setTriggerValue("picked", item.id);
  return button;
}
