// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys and comfort of the officers' pages. Every page works without it.
//
// No key acts while an input method composes or while something is being typed; `::` and `：：`,
// `/` and `、` are the same key to whoever types Chinese.
"use strict";
(function () {
    const doc = document;
    let waiting = ""; // "g" was pressed
    let here = -1;

    function is_typing(target) {
        const fields = "input:not([type=checkbox]):not([type=radio]), textarea, select";
        return target.closest(fields) !== null;
    }

    function rows() {
        return Array.from(doc.querySelectorAll("[data-row]"));
    }

    function go_to(step) {
        const all = rows();
        if (all.length === 0)
            return;
        if (here >= 0 && all[here])
            all[here].classList.remove("hy-here");
        here = Math.max(0, Math.min(all.length - 1, here + step));
        all[here].classList.add("hy-here");
        all[here].scrollIntoView({ block: "nearest" });
        all[here].querySelector("a").focus();
    }

    function open_act(word) {
        const act = doc.querySelector('[data-act="' + word + '"]');
        if (act === null)
            return;
        act.open = true;
        act.querySelector("textarea, select, input:not([type=hidden])").focus();
    }

    function press(key) {
        if (waiting === "g") {
            waiting = "";
            const link = doc.querySelector('[data-go="' + key + '"]');
            if (link)
                link.click();
            return link !== null;
        }
        if (key === "j" || key === "k")
            go_to(key === "j" ? 1 : -1);
        else if (key === "g")
            waiting = "g";
        else if (key === "r")
            open_act("answer");
        else if (key === "m")
            open_act("note");
        else if (key === "?" || key === "？")
            doc.querySelector(".hy-keys").showModal();
        else {
            const link = doc.querySelector('[data-key="' + (key === "、" ? "/" : key) + '"]');
            if (link === null)
                return false;
            link.click();
        }
        return true;
    }

    doc.addEventListener("keydown", function (event) {
        if (event.isComposing || event.keyCode === 229)
            return;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            const form = event.target.closest("form");
            if (form !== null)
                form.requestSubmit();
            return;
        }
        if (event.ctrlKey || event.metaKey || event.altKey || is_typing(event.target))
            return;
        if (press(event.key))
            event.preventDefault();
    });

    // A form marked data-keep survives a lost connection, a session that ended and a refusal: what
    // is typed stays in this tab until the server says that it took it (#taken, where it leads
    // then). Names, telephones and addresses are never kept; who signs out, or in as somebody
    // else, leaves nothing behind.
    const PRIVATE = ["name", "phone", "email", "postal", "handler", "csrf", "once", "seq"];
    const SENT = "hy-sent";
    const me = doc.querySelector("[data-me]");
    if (me !== null && (sessionStorage.getItem("hy-me") || me.dataset.me) !== me.dataset.me)
        sessionStorage.clear();
    if (me !== null)
        sessionStorage.setItem("hy-me", me.dataset.me);
    const out = doc.querySelector('form[action="/desk/sign-out"]');
    if (out !== null)
        out.addEventListener("submit", () => sessionStorage.clear());
    if (location.hash === "#taken") {
        sessionStorage.removeItem(sessionStorage.getItem(SENT) || "");
        sessionStorage.removeItem(SENT);
        history.replaceState(null, "", location.pathname + location.search);
    }
    // What leads to #taken is the form that was sent last, kept or not.
    for (const form of doc.querySelectorAll("form"))
        form.addEventListener("submit", () => sessionStorage.removeItem(SENT));
    // A kind whose matters are sealed leaves nothing in the tab, what was typed before neither.
    if (doc.querySelector('form[action="/desk/new"]:not([data-keep])') !== null)
        sessionStorage.removeItem("hy-desk-new");

    function put_back(form, kept) {
        for (const [name, value] of Object.entries(kept)) {
            const field = form.elements[name];
            if (!field || PRIVATE.includes(name) || typeof value !== "string")
                continue;
            const is_there = Array.from(field.options || []).some((o) => o.value === value);
            if (field.value !== "" && !is_there)
                continue;
            field.value = value;
            if (form.closest("details") !== null)
                form.closest("details").open = true;
        }
    }

    for (const form of doc.querySelectorAll("form[data-keep]")) {
        const place = "hy-" + form.dataset.keep;
        put_back(form, JSON.parse(sessionStorage.getItem(place) || "{}"));
        form.addEventListener("input", function () {
            const now = {};
            for (const [name, value] of new FormData(form).entries())
                if (!PRIVATE.includes(name) && value !== "")
                    now[name] = value;
            sessionStorage.setItem(place, JSON.stringify(now));
        });
        form.addEventListener("submit", () => sessionStorage.setItem(SENT, place));
    }

    // Choosing a kind shows its questions at once.
    const reload = doc.querySelector("[data-reload]");
    if (reload !== null)
        reload.addEventListener("change", function () {
            const again = reload.form.querySelector('button[name="again"]');
            reload.form.requestSubmit(again);
        });

    // Similar matters are shown while one types. The words travel in a body and are kept nowhere;
    // whatever goes wrong shows nothing, for intake goes on without.
    const similar = doc.querySelector("[data-similar-box]");
    let asked = 0;
    let timer = 0;

    async function ask_similar(typed) {
        const turn = ++asked;
        const body = new URLSearchParams({ csrf: similar.dataset.similarBox });
        for (const name of ["title", "text", "kind"])
            body.set(name, typed.elements[name].value);
        let shown = [];
        try {
            const answer = await fetch("/desk/similar", { method: "POST", body: body });
            if (answer.ok && !answer.redirected) {
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                shown = Array.from(page.body.childNodes);
            }
        } catch (lost) {
            shown = [];
        }
        const now = shown.map((node) => node.textContent).join("").trim();
        if (turn === asked && now !== similar.textContent.trim())
            similar.replaceChildren(...shown);
    }

    if (similar !== null) {
        const later = function (event) {
            if (event.isComposing || event.target.dataset.similar === undefined)
                return;
            clearTimeout(timer);
            timer = setTimeout(ask_similar, 600, event.target.form);
        };
        doc.querySelector("[data-unscripted]").hidden = true;
        doc.addEventListener("input", later);
        doc.addEventListener("compositionend", later);
    }

    // `::` or `：：` in a text box of a step opens the office's texts as a listbox. It takes the
    // focus, so that a screen reader reads it; Enter inserts, Escape goes back to what was typed.
    const texts = Array.from(doc.querySelectorAll("[data-text-module]"), function (part) {
        const said = part.querySelector(".hy-text");
        return {
            name: part.querySelector("[data-text-name]").textContent,
            head: part.querySelector("h3").textContent,
            text: said.textContent,
        };
    });
    let list = null;

    function choose(n) {
        const all = list.children;
        const at = Math.max(0, Math.min(all.length - 1, n));
        for (const one of all)
            one.setAttribute("aria-selected", String(one === all[at]));
        list.setAttribute("aria-activedescendant", all[at].id);
        list.dataset.at = String(at);
        all[at].scrollIntoView({ block: "nearest" });
    }

    function shut(field) {
        const gone = list;
        list = null;
        if (gone !== null)
            gone.remove();
        if (field)
            field.focus();
    }

    function insert(field, n) {
        const end = field.selectionStart;
        shut(field);
        field.setRangeText(texts[n].text, end - 2, end, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function press_list(event, field) {
        const at = Number(list.dataset.at);
        const last = texts.length - 1;
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
        event.stopPropagation();
        if (event.isComposing || event.key === "Tab")
            return;
        if (to !== undefined)
            choose(to);
        else if (event.key === "Enter")
            insert(field, at);
        else if (event.key === "Escape")
            shut(field);
        else if (event.key.length === 1) {
            const key = event.key.toLowerCase();
            const next = texts.findIndex((t, i) => i > at && t.name.toLowerCase().startsWith(key));
            choose(next >= 0 ? next : at);
        }
        event.preventDefault();
    }

    function offer(field) {
        list = doc.createElement("ul");
        list.className = "hy-pick";
        list.tabIndex = 0;
        list.setAttribute("role", "listbox");
        list.setAttribute("aria-label", doc.querySelector(".hy-texts summary").textContent);
        texts.forEach(function (one, n) {
            const option = doc.createElement("li");
            option.id = "pick-" + n;
            option.setAttribute("role", "option");
            option.textContent = one.head;
            option.addEventListener("mousedown", function (event) {
                event.preventDefault();
                insert(field, n);
            });
            list.append(option);
        });
        list.addEventListener("keydown", (event) => press_list(event, field));
        list.addEventListener("blur", () => shut(null));
        field.after(list);
        choose(0);
        list.focus();
    }

    function look_for_texts(event) {
        const field = event.target;
        if (event.isComposing || list !== null || !field.matches(".hy-act textarea"))
            return;
        if (/[:：]{2}$/.test(field.value.slice(0, field.selectionStart)))
            offer(field);
    }
    if (texts.length > 0) {
        doc.addEventListener("input", look_for_texts);
        doc.addEventListener("compositionend", look_for_texts);
    }

    // What is wrong is read out first.
    const fault = doc.querySelector(".hy-fault-box");
    if (fault !== null)
        fault.focus();
}());
