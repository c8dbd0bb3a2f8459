/** The PIN of the clinic's device, asked for beside what it didn't read. */

import { signIn } from '../readings/sign_in';
import { h } from '../shared/dom';
import { say } from '../shared/language';

/**
 * @param signedIn Called once this browser is signed in.
 */
export function pinForm(signedIn: () => void): HTMLElement {
  const pin = h('input', {
    ...{ type: 'password', name: 'pin', inputmode: 'numeric', autocomplete: 'current-password' },
    required: true,
  });
  const send = h('button', {}, say('app.pin.send'));
  const said = h('p', { class: 'note', role: 'status' });
  const submit = async (): Promise<void> => {
    send.disabled = true;
    const refusal = await signIn(pin.value);
    send.disabled = false;
    if (refusal === undefined) {
      signedIn();
    } else {
      said.textContent = refusal;
      pin.select();
    }
  };
  return h(
    'form',
    {
      class: 'pin',
      submit: (event) => {
        event.preventDefault();
        void submit();
      },
    },
    h('label', {}, say('app.pin'), pin),
    send,
    said,
  );
}
