/** A page to try the server with: it asks this server alone, and shows what came back. */

/** In place of the strict policy of other answers: its own program and style, and the pictures that it shows. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>lowformer</title>
<link rel="stylesheet" href="page.css">
<h1>lowformer</h1>
<form>
<label>Model <select name="model" required></select></label>
<label>Pictures <input type="file" name="picture" accept="image/*" multiple required></label>
<label>Answer <select name="accept">
<option value="application/json">records (JSON)</option>
<option value="image/png">a picture</option>
</select></label>
<label>Key <input name="key" type="password" placeholder="where the server asks for one" autocomplete="off"></label>
<label>Options <input name="options" placeholder="score-thr=0.5" autocomplete="off"></label>
<button>Ask</button>
</form>
<p id="said" role="status"></p>
<img id="drawn" alt="What was found, drawn into the picture" hidden>
<pre id="told" hidden></pre>
<p>The same by other means: <a href="openapi.json">openapi.json</a></p>
<script src="page.js"></script>
</html>
`;

export const PAGE_STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
form { display: grid; gap: 0.75rem; }
label { display: grid; grid-template-columns: 6rem 1fr; align-items: center; }
button { justify-self: start; padding: 0.4rem 1.5rem; font: inherit; }
pre { overflow: auto; background: #f4f4f4; color: #111; padding: 1rem; max-height: 40rem; }
img { max-width: 100%; }
`;

export const PAGE_SCRIPT = `'use strict';
const form = document.querySelector('form');
const [said, drawn, told] = ['said', 'drawn', 'told'].map((id) => document.getElementById(id));
let models = [];
const keyHeader = () => form.elements.key.value === '' ? {} : { authorization: 'Bearer ' + form.elements.key.value };
async function listModels() {
  try {
    const response = await fetch('v1/models', { headers: keyHeader() });
    const answer = await response.json();
    models = answer.models ?? [];
    form.elements.model.replaceChildren(...models.map(({ name, task }) => new Option(name + ' (' + task + ')', name)));
    said.textContent = response.ok ? '' : answer.detail;
  } catch (error) {
    said.textContent = String(error);
  }
}
form.elements.key.addEventListener('change', listModels);
listModels();
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { model, picture, accept, options } = form.elements;
  const { verb } = models.find(({ name }) => name === model.value);
  const body = new FormData();
  for (const file of picture.files) body.append('picture', file);
  const query = options.value.trim() === '' ? '' : '?' + options.value.trim();
  said.textContent = '…';
  drawn.hidden = told.hidden = true;
  try {
    const start = performance.now();
    const response = await fetch('v1/models/' + encodeURIComponent(model.value) + '/' + verb + query, {
      method: 'POST', body, headers: { accept: accept.value, ...keyHeader() },
    });
    if (response.ok && accept.value !== 'application/json') {
      URL.revokeObjectURL(drawn.src);
      drawn.src = URL.createObjectURL(await response.blob());
      drawn.hidden = false;
    } else {
      const answer = await response.json();
      told.textContent = response.ok ? JSON.stringify(answer, null, 2) : answer.detail;
      told.hidden = false;
    }
    said.textContent = response.status + ' in ' + Math.round(performance.now() - start) + ' ms';
  } catch (error) {
    said.textContent = String(error);
  }
});
`;
