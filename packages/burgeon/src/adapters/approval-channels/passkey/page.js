// Runs on the pages of the passkey channel. It carries what the server asks to the authenticator and what that signs back; it decides nothing.
const form = document.querySelector('form');
const alertBox = document.querySelector('[role="alert"]');
const base = location.pathname;

/** Shows one of the texts that the page brought along, or a text of the server's. */
const complain = (name, text) => {
  alertBox.textContent = text ?? document.querySelector(`[data-say="${name}"]`).textContent;
  alertBox.hidden = false;
};

const send = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.message, answer.hint].filter(Boolean).join(' '));
  return answer;
};

/** What the two pages do when a button is pressed; each gives the name of the outcome to show. */
const deeds = {
  answer: async (answer) => {
    const options = await send(`${base}/options`, { answer });
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    return (await send(base, { answer, response: credential.toJSON() })).outcome;
  },
  register: async () => {
    const token = location.hash.slice(1);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await send(`${base}/options`, { token }));
    const credential = await navigator.credentials.create({ publicKey });
    const name = form.elements.namedItem('name').value;
    const { outcome } = await send(base, { token, name, response: credential.toJSON() });
    history.replaceState(null, '', base);
    return outcome;
  },
};

const show = (outcome) => {
  form.hidden = true;
  const section = document.querySelector(`[data-outcome="${outcome}"]`);
  section.hidden = false;
  section.focus();
};

const press = async (answer) => {
  alertBox.hidden = true;
  const buttons = form.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  try {
    show(await deeds[form.dataset.deed](answer));
  } catch (error) {
    // The authenticator says no more than that it was not allowed: left, too late, or no key that fits.
    if (error instanceof DOMException) complain(error.name === 'InvalidStateError' ? 'known' : 'cancelled');
    else complain('failed', error instanceof TypeError ? undefined : error.message);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void press(event.submitter?.value);
});

if (!('PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential)) complain('unsupported');
