// Shows which tab one is in where not all fit, and keeps the cards of the overview fresh, every five seconds while the
// page is looked at.
"use strict";

document.querySelector(".monitoring .tabs [aria-current]")?.scrollIntoView({inline: "center", block: "nearest"});

(() => {
    const EVERY = 5000;
    const PATIENCE = 4000;
    const page = document.querySelector(".monitoring[data-live]");
    if (!page) return;
    const state = page.querySelector("[data-state]");
    let asking = false;

    function show(answer) {
        page.querySelector("[data-at]").textContent = answer.at;
        for (const card of answer.cards) {
            const place = page.querySelector(`[data-figure="${card.key}"]`);
            if (!place) continue;
            place.dataset.tone = card.tone;
            place.querySelector(".figure").textContent = card.text;
            place.querySelector(".hint").textContent = card.hint;
        }
    }

    async function refresh() {
        if (document.hidden || asking) return;
        asking = true;
        try {
            const answer = await fetch(page.dataset.live, {
                headers: {Accept: "application/json"}, redirect: "error", signal: AbortSignal.timeout(PATIENCE)});
            if (!answer.ok) throw new Error(answer.statusText);
            show(await answer.json());
            state.dataset.state = "live";
        } catch {
            state.dataset.state = "lost";
        } finally {
            asking = false;
        }
    }

    setInterval(refresh, EVERY);
    document.addEventListener("visibilitychange", refresh);
})();
