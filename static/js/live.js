/* Counts that keep up: htmx asks again each minute and when the window is looked at. What did not change is answered 304 and swaps nothing. */
(function () {
  "use strict";
  document.addEventListener("htmx:configRequest", function (event) {
    var stamp = event.target.getAttribute("data-stamp");
    if (stamp) event.detail.headers["If-None-Match"] = stamp;
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (!event.target.hasAttribute("data-stamp") || event.detail.xhr.status !== 200) return;
    event.target.setAttribute("data-stamp", event.detail.xhr.getResponseHeader("ETag") || "");
  });
})();
