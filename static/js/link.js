/* The page of a personal link says once that somebody reads it: mail programs open addresses, but run no scripts. */
(function () {
  "use strict";
  var page = document.querySelector("[data-opening]");
  if (!page || !window.fetch) return;
  var said = new URLSearchParams({ kind: page.dataset.opening, csrf_token: page.dataset.stamp });
  fetch(location.pathname, { method: "POST", body: said, credentials: "omit", keepalive: true }).catch(function () {
    /* Without a line of the log the page is the same. */
  });
})();
