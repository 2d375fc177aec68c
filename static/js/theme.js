/* Runs before the page is drawn: the chosen theme and whether single-key shortcuts are on. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.setAttribute("data-js", "");
  try {
    var theme = localStorage.getItem("dd-theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    if (localStorage.getItem("dd-keys") === "off") root.setAttribute("data-keys", "off");
  } catch (error) {
    /* storage refused: the system's theme, shortcuts on */
  }
})();
