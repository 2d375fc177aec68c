/* What is typed is kept until it is sent; files show what was chosen and how far they are. Every form works without this file. */
(function () {
  "use strict";

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }

  /* ---- Drafts ---- */

  var NEVER = ["csrf_token", "version", "next", "draft"];
  function controls(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && !one.disabled && ["file", "password", "hidden", "submit", "button", "reset"].indexOf(one.type) < 0 && NEVER.indexOf(one.name) < 0;
    });
  }
  function chosen(one) {
    if (one.type === "checkbox" || one.type === "radio") return one.checked ? [one.value] : [];
    if (one.type === "select-multiple") {
      return Array.prototype.filter.call(one.options, function (option) { return option.selected; }).map(function (option) { return option.value; });
    }
    return [one.value];
  }
  function typed(form) {
    var fields = {};
    controls(form).forEach(function (one) {
      fields[one.name] = (fields[one.name] || []).concat(chosen(one));
    });
    return fields;
  }
  function fill(form, fields) {
    var used = {};
    controls(form).forEach(function (one) {
      var values = fields[one.name];
      if (!values) return;
      if (one.type === "checkbox" || one.type === "radio") one.checked = values.indexOf(one.value) >= 0;
      else if (one.type === "select-multiple") {
        Array.prototype.forEach.call(one.options, function (option) { option.selected = values.indexOf(option.value) >= 0; });
      } else {
        var place = used[one.name] || 0;
        used[one.name] = place + 1;
        if (values[place] !== undefined) one.value = values[place];
      }
      var folded = one.closest("details");
      if (folded && one.value && one.value !== one.defaultValue) folded.open = true;
    });
  }

  function draft(form) {
    var address = form.getAttribute("data-draft");
    /* where the form goes; of a page with several kinds of content, each kind by itself */
    var kind = form.querySelector("input[type=hidden][name=kind]");
    var place = new URL(form.action, location.href).pathname + (kind ? "?kind=" + kind.value : "");
    var line = form.querySelector(".draft");
    var words = line.querySelector("p");
    var first = JSON.stringify(typed(form));
    var kept = first;
    var timer = null;

    function tell(text) {
      words.textContent = text;
      line.hidden = false;
    }
    function mark() {
      if (form.elements.draft) return;
      var field = document.createElement("input");
      field.type = "hidden";
      field.name = "draft";
      field.value = place;
      form.appendChild(field);
    }
    function send(fields, leaving) {
      return fetch(address, {
        method: "POST",
        credentials: "same-origin",
        keepalive: leaving === true,
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
        body: JSON.stringify({ place: place, fields: fields })
      }).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      });
    }
    function keep(leaving) {
      clearTimeout(timer);
      timer = null;
      var now = typed(form);
      var text = JSON.stringify(now);
      if (text === kept) return;
      var back = text === first;
      send(back ? {} : now, leaving).then(
        function (answer) {
          kept = text;
          mark();
          if (back) line.hidden = true;
          else tell(words.getAttribute("data-kept") + " " + answer.saved_at.slice(-5));
          form.dispatchEvent(new CustomEvent("draft-kept"));
        },
        function () {
          tell(words.getAttribute("data-lost"));
        }
      );
    }

    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(keep, 1200);
    });
    form.addEventListener("submit", function () {
      clearTimeout(timer);
      timer = null;
    });
    document.addEventListener("visibilitychange", function () {
      if (timer && document.visibilityState === "hidden") keep(true);
    });
    line.querySelector("[data-forget]").addEventListener("click", function () {
      clearTimeout(timer);
      send({}).then(function () {
        form.reset();
        fill(form, JSON.parse(first));
        kept = first;
        line.hidden = true;
        form.dispatchEvent(new CustomEvent("draft-kept"));
      });
    });

    /* A refused form comes back with what was typed: newer than any draft. */
    if (document.querySelector(".error-summary")) return;
    fetch(address + "?place=" + encodeURIComponent(place), { credentials: "same-origin" }).then(function (answer) {
      if (answer.status !== 200) return;
      answer.json().then(function (found) {
        if (JSON.stringify(typed(form)) !== first) return;
        fill(form, found.fields);
        kept = JSON.stringify(typed(form));
        mark();
        if (kept !== first) tell(words.getAttribute("data-restored") + " " + found.saved_at);
      });
    });
  }
  all("form[data-draft]").forEach(draft);

  /* ---- Files ---- */

  function size(bytes) {
    var mega = bytes / 1048576;
    var text = mega >= 1 ? mega.toFixed(1) + " MB" : Math.max(1, Math.ceil(bytes / 1024)) + " kB";
    return text.replace(".", ",");
  }
  function filesOf(inside) {
    return all("input[type=file]", inside).reduce(function (found, input) {
      return found.concat(Array.prototype.slice.call(input.files));
    }, []);
  }
  all("[data-drop]").forEach(function (area) {
    var list = area.querySelector("[data-files]");
    area.addEventListener("change", function () {
      list.textContent = "";
      var limit = Number(list.getAttribute("data-limit")) * 1048576;
      filesOf(area).forEach(function (file) {
        var item = document.createElement("li");
        var large = limit && file.size > limit;
        item.textContent = file.name + " (" + size(file.size) + ")" + (large ? ": " + list.getAttribute("data-large") : "");
        if (large) item.className = "t-late";
        list.appendChild(item);
      });
      list.hidden = !list.firstChild;
    });
  });

  /* What takes a moment to send shows how far it is. The answer is shown as the browser would have. */
  var SHOWN_FROM = 300000;
  all("form[enctype='multipart/form-data']").forEach(function (form) {
    var line = form.querySelector("[data-progress]");
    if (!line || !window.FormData) return;
    form.addEventListener("submit", function (event) {
      var bytes = filesOf(form).reduce(function (sum, file) { return sum + file.size; }, 0);
      if (event.defaultPrevented || bytes < SHOWN_FROM) return;
      event.preventDefault();
      var body = new FormData(form);
      if (event.submitter && event.submitter.name) body.append(event.submitter.name, event.submitter.value);
      var request = new XMLHttpRequest();
      var bar = line.querySelector("progress");
      var words = line.querySelector("[role=status]");
      var buttons = all("button[type=submit]", form);
      function busy(is) {
        line.hidden = !is;
        buttons.forEach(function (one) { one.disabled = is; });
      }
      request.open("POST", form.action);
      request.upload.addEventListener("progress", function (step) {
        if (!step.lengthComputable) return;
        var part = Math.floor((step.loaded / step.total) * 100);
        bar.value = part;
        words.textContent = line.getAttribute("data-progress") + " " + part + "%";
      });
      request.addEventListener("load", function () {
        history.pushState(null, "", request.responseURL || form.action);
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", function () {
        /* no connection: the browser's own way says what is wrong */
        busy(false);
        HTMLFormElement.prototype.submit.call(form);
      });
      busy(true);
      request.send(body);
    });
  });
})();
