/* Results as one types: htmx fetches them, this shows and hides them and lets the arrow keys walk. Without it Enter opens the page of results. */
(function () {
  "use strict";
  function partsOf(element) {
    var form = element.closest("form");
    var box = form && form.querySelector("[data-found]");
    return box ? { form: form, box: box, input: form.querySelector("input[type=search]"), said: form.querySelector("[data-found-said]") } : null;
  }
  function shut(parts) {
    parts.box.hidden = true;
    parts.said.textContent = "";
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    var parts = event.target.hasAttribute("data-found") ? partsOf(event.target) : null;
    if (!parts) return;
    var told = parts.box.querySelector("[data-said]");
    parts.box.hidden = !told || document.activeElement !== parts.input;
    parts.said.textContent = told && !parts.box.hidden ? told.getAttribute("data-said") : "";
  });

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    var parts = at instanceof Element ? partsOf(at) : null;
    if (!parts || event.isComposing) return;
    if (event.key === "Escape" && !parts.box.hidden) {
      event.preventDefault();
      parts.input.focus();
      shut(parts);
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (parts.box.hidden && at === parts.input && parts.box.firstElementChild) parts.box.hidden = false;
    var stops = [parts.input].concat(Array.prototype.slice.call(parts.box.querySelectorAll("a")));
    var place = stops.indexOf(at);
    if (parts.box.hidden || place < 0) return;
    event.preventDefault();
    stops[(place + (event.key === "ArrowDown" ? 1 : stops.length - 1)) % stops.length].focus();
  });

  document.addEventListener("focusout", function (event) {
    var parts = event.target instanceof Element ? partsOf(event.target) : null;
    if (parts && !(event.relatedTarget instanceof Element && parts.form.contains(event.relatedTarget))) shut(parts);
  });
})();
