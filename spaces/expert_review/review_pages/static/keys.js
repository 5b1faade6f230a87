// Keyboard, and the hand-over from forms to the page's own buttons. Nothing is kept in the browser.
window.pixelReview = (() => {
  const HANDED = {};
  let keysOn = true;
  const byId = (id) => document.getElementById(id);
  const shown = (element) => element && element.offsetParent !== null;
  const form = () => [...document.querySelectorAll(".px-item")].find(shown);
  const questions = () => { const here = form(); return here ? [...here.querySelectorAll(".px-question")] : []; };
  const button = (id) => { const found = byId(id); return found && (found.matches("button") ? found : found.querySelector("button")); };
  const typing = (target) => target.closest("textarea, input:not([type=radio]):not([type=checkbox]), select, [contenteditable=true]");

  const collect = (here) => {
    const ratings = {}, edits = {};
    here.querySelectorAll(".px-question").forEach((question) => {
      const chosen = question.querySelector("input:checked");
      if (chosen) ratings[question.dataset.dimension] = chosen.value === "" ? null : Number(chosen.value);
    });
    here.querySelectorAll("textarea[data-edit]").forEach((box) => {
      const words = box.value.trim();
      if (words && words !== box.dataset.before.trim()) edits[box.dataset.edit] = box.value;
    });
    const missing = here.querySelector("[data-missing]");
    return { ratings, comment: here.querySelector("[data-comment]").value, missing_context: !!(missing && missing.checked), edits };
  };
  const formOf = (kind) => document.querySelector(`.px-item[data-kind="${kind}"]`);
  const answer = (kind) => {
    const here = formOf(kind);
    if (!here) return ["", "", ""];
    const open = [...here.querySelectorAll(".px-question")].find((question) => !question.querySelector("input:checked"));
    if (open) focusOn(open);
    return [here.dataset.item, here.dataset.token, JSON.stringify(collect(here))];
  };
  const skipped = (kind) => {
    const here = formOf(kind);
    return here ? [here.dataset.item, here.dataset.token, here.querySelector("[data-comment]").value] : ["", "", ""];
  };
  const take = (id) => { const values = HANDED[id] || [""]; delete HANDED[id]; return values; };

  const focused = () => questions().find((question) => question.contains(document.activeElement));
  const focusOn = (question) => {
    if (!question) return;
    const input = question.querySelector("input:checked") || question.querySelector("input");
    input.focus({ preventScroll: true });
    question.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = questions(), place = all.indexOf(focused());
    focusOn(all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)]);
  };
  const rate = (key) => {
    const question = focused() || questions()[0];
    if (!question) return;
    const step = [...question.querySelectorAll(".px-step")].find((one) => one.querySelector("kbd").textContent === key);
    if (step) { const input = step.querySelector("input"); input.checked = true; input.focus({ preventScroll: true }); question.scrollIntoView({ block: "nearest" }); }
  };
  const submit = () => {
    const here = form(), ids = { review: "px-submit", own: "px-revise", decide: "px-adjudicate" };
    const found = here && button(ids[here.dataset.kind]);
    if (found) found.click();
  };

  const help = () => {
    let box = byId("px-keys");
    if (!box) {
      box = document.createElement("dialog");
      box.id = "px-keys";
      box.innerHTML = `<h2>Keys</h2><dl><dt>1 to 5</dt><dd>rate the marked question; 0: cannot tell</dd>
        <dt>j, k or arrows down, up</dt><dd>next and previous question</dd><dt>c</dt><dd>comment (Esc leaves it)</dd>
        <dt>m</dt><dd>context is missing, yes or no</dd><dt>e</dt><dd>write a better reply</dd><dt>s</dt><dd>submit</dd>
        <dt>n</dt><dd>skip</dd><dt>?</dt><dd>this help</dd></dl>
        <label><input type="checkbox" checked> Keys are on</label><p><button type="button" class="px-act px-good">Close</button></p>`;
      box.querySelector("input").addEventListener("change", (event) => { keysOn = event.target.checked; });
      box.querySelector("button").addEventListener("click", () => box.close());
      (document.querySelector(".gradio-container") || document.body).append(box);
    }
    box.open ? box.close() : box.showModal();
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (event.key === "Escape" && form() && typing(target)) { target.blur(); focusOn(questions()[0]); return; }
    if (typing(target)) return;
    if (event.key === "?") { help(); event.preventDefault(); return; }
    if (!keysOn || !form() || (byId("px-keys") || {}).open) return;
    if (event.key.startsWith("Arrow") && !form().contains(target) && target !== document.body) return;
    const acts = {
      j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), s: submit,
      n: () => { const here = form(), found = here.dataset.kind === "review" && button("px-skip"); if (found) found.click(); },
      c: () => form().querySelector("[data-comment]").focus(),
      m: () => { const box = form().querySelector("[data-missing]"); if (box) box.click(); },
      e: () => { const all = form().querySelectorAll(".px-edit"), last = all[all.length - 1]; if (last) { last.open = true; last.querySelector("textarea").focus(); } },
    };
    if (/^[0-9]$/.test(event.key)) rate(event.key);
    else if (acts[event.key]) { if (!event.repeat || event.key.startsWith("Arrow")) acts[event.key](); }
    else return;
    event.preventDefault();
  };
  const onClick = (event) => {
    const pressed = event.target.closest("button[data-go]");
    if (!pressed || (pressed.dataset.ask && !window.confirm(pressed.dataset.ask))) return;
    const values = [];
    for (let number = 0; pressed.dataset[`v${number}`] !== undefined; number++) values.push(pressed.dataset[`v${number}`]);
    const words = pressed.closest(".px-card") && pressed.closest(".px-card").querySelector("[data-with]");
    if (words) values.push(words.value);
    HANDED[pressed.dataset.go] = values;
    const found = button(pressed.dataset.go);
    if (found) found.click();
  };
  // A new item: to the top, and the first question is the one that keys rate.
  let last = "";
  const onChange = () => {
    const here = form(), name = here ? `${here.dataset.kind} ${here.dataset.item} ${here.dataset.token}` : "";
    if (name === last) return;
    last = name;
    if (!here || typing(document.activeElement)) return;
    focusOn(questions()[0]);
    here.scrollIntoView({ block: here.dataset.kind === "review" ? "nearest" : "start" });
    if (here.dataset.kind === "review") window.scrollTo({ top: 0 });
  };
  // Refusals in words, where they are seen and spoken: Gradio shows errors of queued calls only.
  const AWAY = "The server cannot be reached just now. What you filled in is still here: try again in a moment.";
  const OVER = "Your sign-in is over. Load the page again and sign in.";
  let hush = 0;
  const tell = (line) => {
    let box = byId("px-alert");
    if (!box) {
      box = document.createElement("div");
      box.id = "px-alert";
      box.setAttribute("role", "alert");
      (document.querySelector(".gradio-container") || document.body).append(box);
    }
    box.textContent = line;
    box.hidden = !line;
    clearTimeout(hush);
    if (line) hush = setTimeout(() => tell(""), 15000);
  };
  const ask = window.fetch.bind(window);
  window.fetch = async (...call) => {
    const address = String((call[0] && call[0].url) || call[0]);
    if (!address.includes("/gradio_api/run/")) return ask(...call);
    try {
      const reply = await ask(...call);
      if (reply.ok) { if (byId("px-alert")) tell(""); }
      else if (reply.status === 401) tell(OVER);
      else reply.clone().json().then((content) => tell(content.error || "That did not work, and nothing was changed."), () => tell(AWAY));
      return reply;
    } catch (error) { // a plain refusal: at a lost connection Gradio would load the page anew, and the answers be gone
      tell(AWAY);
      return new Response(JSON.stringify({ error: AWAY }), { status: 503, headers: { "Content-Type": "application/json" } });
    }
  };
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  const watch = () => new MutationObserver(onChange).observe(document.body, { childList: true, subtree: true });
  document.body ? watch() : document.addEventListener("DOMContentLoaded", watch);
  return { answer, skipped, take, help };
})();
