"use strict";
const live = document.getElementById("live");
const result = document.getElementById("result");

async function refresh() {
  try {
    const response = await fetch("/__mock/live");
    if (response.ok) live.innerHTML = await response.text();
  } catch {
    result.textContent = "The fake does not respond.";
  }
}

for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", async () => {
    const { method, path, body } = button.dataset;
    const operation = document.getElementById("operation").value;
    const response = await fetch(`/__mock/${path}`, {
      method,
      body: body && body.replace("OPERATION", operation),
    });
    result.textContent = `${button.textContent}: ${response.ok ? "done" : response.status}`;
    await refresh();
  });
}

setInterval(refresh, 1000);
