/* Slides: arrows, page keys, space, Home and End move; Escape goes back. Without this file the page is scrolled. */
(function () {
  "use strict";
  var slides = Array.prototype.slice.call(document.querySelectorAll(".slide"));
  var number = document.querySelector("[data-slide-number]");
  var moves = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -slides.length, End: slides.length };
  if (!slides.length) return;

  /* The one whose top is nearest to the top of the screen. */
  function current() {
    var best = 0;
    slides.forEach(function (slide, place) {
      if (Math.abs(slide.getBoundingClientRect().top) < Math.abs(slides[best].getBoundingClientRect().top)) best = place;
    });
    return best;
  }
  function show() {
    if (number) number.textContent = current() + 1 + "/" + slides.length;
  }
  function go(step) {
    var place = Math.min(Math.max(current() + step, 0), slides.length - 1);
    slides[place].scrollIntoView();
    slides[place].focus({ preventScroll: true });
    show();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    var back = document.querySelector("[data-slides-back] a");
    if (event.key === "Escape" && back) {
      back.click();
      return;
    }
    if (!Object.prototype.hasOwnProperty.call(moves, event.key)) return;
    if (event.key === " " && event.target instanceof Element && event.target.closest("a, button")) return;
    event.preventDefault();
    go(moves[event.key] * (event.shiftKey && event.key === " " ? -1 : 1));
  });
  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element && event.target.closest("[data-slide-move] button");
    if (button) go(Number(button.value));
  });
  document.addEventListener("scroll", show, { passive: true });
  show();
})();
