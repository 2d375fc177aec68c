/* Small conveniences. Every page works without this file: it adds, it never carries. */
(function () {
  "use strict";
  var root = document.documentElement;

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }
  function remember(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch (error) {
      /* storage refused: it holds for this page */
    }
  }
  function isVisible(element) {
    return element.getClientRects().length > 0;
  }

  /* Theme: light, dark, or that of the system. */
  function showTheme() {
    var now = root.getAttribute("data-theme") || "auto";
    all("[data-set-theme]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-set-theme") === now));
    });
  }
  showTheme();

  /* Shortcuts of one letter can be switched off (WCAG 2.1.4). */
  all("[data-set-keys]").forEach(function (box) {
    box.checked = root.getAttribute("data-keys") !== "off";
    box.addEventListener("change", function () {
      if (box.checked) root.removeAttribute("data-keys");
      else root.setAttribute("data-keys", "off");
      remember("dd-keys", box.checked ? null : "off");
    });
  });

  document.addEventListener("click", function (event) {
    var target = event.target;
    if (!(target instanceof Element)) return;
    var found;
    if ((found = target.closest("[data-set-theme]"))) {
      var theme = found.getAttribute("data-set-theme");
      if (theme === "auto") root.removeAttribute("data-theme");
      else root.setAttribute("data-theme", theme);
      remember("dd-theme", theme === "auto" ? null : theme);
      showTheme();
    } else if ((found = target.closest("[data-dismiss]"))) {
      var message = found.closest("[data-dismissable]");
      if (message) message.remove();
    } else if ((found = target.closest("[data-copy]"))) {
      copy(found);
    } else if ((found = target.closest("[data-show]"))) {
      reveal(found);
    } else if ((found = target.closest("[data-dialog]"))) {
      var dialog = document.getElementById(found.getAttribute("data-dialog"));
      if (dialog && dialog.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
    } else if ((found = target.closest("[data-close]"))) {
      var open = found.closest("dialog");
      if (open && open.open) {
        event.preventDefault();
        open.close();
      }
    }
    all("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(target)) menu.open = false;
    });
  });

  /* Copy the text of the attribute, or of the box beside the button. */
  function copy(button) {
    var words = button.getAttribute("data-copy");
    var box = (button.closest(".copy") || button.parentElement).querySelector("textarea, input");
    if (!words && box) words = box.value;
    function done() {
      var label = button.querySelector("span");
      if (!label || button.hasAttribute("data-was")) return;
      button.setAttribute("data-was", label.textContent);
      label.textContent = button.getAttribute("data-done");
      label.setAttribute("role", "status");
      setTimeout(function () {
        label.textContent = button.getAttribute("data-was");
        button.removeAttribute("data-was");
      }, 2000);
    }
    function old() {
      /* offices reach the program over plain http, where the clipboard interface is absent */
      var spare = box || document.createElement("textarea");
      if (!box) {
        spare.value = words;
        spare.className = "vh";
        document.body.appendChild(spare);
      }
      spare.select();
      var worked = document.execCommand("copy");
      if (!box) spare.remove();
      button.focus();
      if (worked) done();
    }
    if (navigator.clipboard) navigator.clipboard.writeText(words).then(done, old);
    else old();
  }

  function reveal(button) {
    var input = document.getElementById(button.getAttribute("data-show"));
    var label = button.querySelector("span");
    var shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    var other = button.getAttribute("data-hide");
    button.setAttribute("data-hide", label.textContent);
    label.textContent = other;
  }

  /* Keys: "/" searches, Escape shuts, a letter presses the first visible thing that carries it. */
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      all("details[data-menu][open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      all(".term").forEach(function (word) {
        word.classList.add("is-shut");
      });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    var at = event.target;
    if (at instanceof Element && at.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    if (document.querySelector("dialog[open]") || root.getAttribute("data-keys") === "off") return;
    if (event.key === "/") {
      var box = all("[data-search]").filter(isVisible)[0];
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
      return;
    }
    if (!/^[a-z]$/i.test(event.key)) return;
    var wanted = all('[data-key="' + event.key.toUpperCase() + '"]').filter(isVisible)[0];
    if (wanted) {
      event.preventDefault();
      wanted.click();
    }
  });
  /* A term's sentence stands under its word, inside the window and outside the scroll box of a table. On a phone the stylesheet places it. */
  function place(word) {
    var tip = word.querySelector(".tip");
    var at = word.getBoundingClientRect();
    tip.style.cssText = "";
    if (matchMedia("(max-width: 47.99rem)").matches) return;
    tip.style.position = "fixed";
    var under = at.bottom + 4;
    tip.style.left = Math.max(16, Math.min(at.left, root.clientWidth - tip.offsetWidth - 16)) + "px";
    tip.style.top = (under + tip.offsetHeight > root.clientHeight ? at.top - 4 - tip.offsetHeight : under) + "px";
  }
  ["mouseenter", "focusin"].forEach(function (kind) {
    all(".term").forEach(function (word) {
      word.addEventListener(kind, function () {
        word.classList.remove("is-shut");
        place(word);
      });
    });
  });

  /* Choosing rows: the bar appears when something is chosen and says how many. */
  function boxesOf(bar) {
    var form = bar.tagName === "FORM" ? bar : bar.closest("form");
    var listed = form ? Array.prototype.slice.call(form.elements) : [];
    return listed.filter(function (box) {
      return box.type === "checkbox" && box.closest(".check-cell") && !box.hasAttribute("data-all");
    });
  }
  function count(bar) {
    var boxes = boxesOf(bar);
    var chosen = boxes.filter(function (box) {
      return box.checked;
    });
    boxes.forEach(function (box) {
      box.closest("tr").classList.toggle("is-selected", box.checked);
    });
    bar.hidden = chosen.length === 0;
    bar.setAttribute("data-counted", "");
    all("[data-count]", bar).forEach(function (place) {
      place.textContent = String(chosen.length);
    });
    all("[data-all]").forEach(function (head) {
      var own = boxes.filter(function (box) {
        return box.name === head.getAttribute("data-all");
      });
      if (!own.length) return;
      head.checked = chosen.length === own.length;
      head.indeterminate = chosen.length > 0 && chosen.length < own.length;
    });
  }
  var bars = all("[data-bulk]");
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box instanceof Element && box.hasAttribute("data-all")) {
      all('.check-cell input[name="' + box.getAttribute("data-all") + '"]', box.closest("table")).forEach(function (one) {
        one.checked = box.checked;
      });
    }
    if (box instanceof Element && box.closest(".check-cell")) bars.forEach(count);
  });
  bars.forEach(count);
  window.addEventListener("pageshow", function () {
    bars.forEach(count);
  });

  /* Files may be dropped on the upload field. */
  all("[data-drop]").forEach(function (area) {
    var input = all("input[type=file]", area).filter(function (one) {
      return !one.hasAttribute("capture");
    })[0];
    ["dragenter", "dragover"].forEach(function (kind) {
      area.addEventListener(kind, function (event) {
        event.preventDefault();
        area.classList.add("is-over");
      });
    });
    ["dragleave", "drop"].forEach(function (kind) {
      area.addEventListener(kind, function () {
        area.classList.remove("is-over");
      });
    });
    area.addEventListener("drop", function (event) {
      event.preventDefault();
      if (!event.dataTransfer || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  });

  /* Do not lose what was typed. */
  var unsaved = new Set();
  all("form[data-guard]").forEach(function (form) {
    form.addEventListener("input", function () {
      unsaved.add(form);
    });
    form.addEventListener("reset", function () {
      unsaved.delete(form);
    });
    /* kept as a draft (forms.js); chosen files are not */
    form.addEventListener("draft-kept", function () {
      var files = all("input[type=file]", form).some(function (input) {
        return input.files.length > 0;
      });
      if (!files) unsaved.delete(form);
    });
    form.addEventListener("submit", function () {
      unsaved.delete(form);
    });
  });
  window.addEventListener("beforeunload", function (event) {
    if (unsaved.size) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* A table that does not scroll need not stop the Tab key. */
  function scrollers() {
    all("[data-scroll]").forEach(function (area) {
      var table = area.firstElementChild;
      if (table && table.scrollWidth > area.clientWidth + 1) area.setAttribute("tabindex", "0");
      else area.removeAttribute("tabindex");
    });
  }
  scrollers();
  window.addEventListener("resize", scrollers);

  /* Long work: ask every three seconds how far it is; at the end the page shows the result. */
  all("[data-watch]").forEach(function (area) {
    function ask() {
      fetch(area.getAttribute("data-watch"), { credentials: "same-origin" })
        .then(function (answer) {
          if (!answer.ok) throw new Error(answer.status);
          return answer.json();
        })
        .then(function (said) {
          if (said.over) return window.location.reload();
          var bar = area.querySelector("[role=progressbar]");
          bar.setAttribute("aria-valuenow", said.share);
          bar.lastElementChild.setAttribute("width", said.share + "%");
          area.querySelector(".top .num").textContent = said.share + "%";
          area.querySelector(".meta").textContent = said.sentence;
          window.setTimeout(ask, 3000);
        })
        .catch(function () {
          window.setTimeout(ask, 15000);
        });
    }
    window.setTimeout(ask, 3000);
  });

  /* After a refused form, begin at the list of errors. */
  var first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
