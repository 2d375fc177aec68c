/* «Chép tin Zalo» in one click: the message is noted in the log, copied, and shown to be copied again. Without this file the link opens its page. */
(function () {
  "use strict";
  var box = document.getElementById("zalo-box");
  if (!box || !box.showModal || !window.fetch) return;
  var text = box.querySelector("textarea");
  var said = box.querySelector("[data-zalo-said]");
  var copied = box.querySelector("[data-zalo-copied]");

  function put(words) {
    /* over plain http the clipboard interface is absent */
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    text.select();
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("copy"));
  }

  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("[data-zalo]") : null;
    var token = document.querySelector("input[name=csrf_token]");
    if (!link || !token || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetch(link.getAttribute("data-zalo"), {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ csrf_token: token.value }),
    })
      .then(function (answer) {
        if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (told) {
        said.textContent = told.said;
        text.value = told.text || "";
        text.parentElement.hidden = !told.text;
        copied.hidden = true;
        box.showModal();
        text.scrollTop = 0;
        if (!told.text) return;
        put(told.text).then(
          function () {
            copied.hidden = false;
          },
          function () {
            /* the button beside the text copies with a click of its own */
          }
        );
      })
      .catch(function () {
        window.location.href = link.href;
      });
  });
})();
