/** The function of the page's script that makes a plan of the config in the text field, and applies it. */
export const PLAN_SCRIPT = String.raw`  function offerPlan({ byId, post, tell }) {
    let seen;
    const config = byId('config');
    const forget = () => {
      seen = undefined;
      byId('plan-shown').hidden = true;
    };
    const list = (steps) => {
      const items = steps.map(({ action, server, bind }) => {
        const item = document.createElement('li');
        item.textContent = action + ' ' + server + ' (' + bind + ')';
        return item;
      });
      if (items.length === 0) items.push(Object.assign(document.createElement('li'), { textContent: 'no servers' }));
      byId('steps').replaceChildren(...items);
    };
    // A plan belongs to the text that it was made from.
    config.addEventListener('input', forget);
    byId('plan').addEventListener('click', async () => {
      forget();
      const text = config.value;
      const answer = await post('dashboard/plan', { config: text });
      if (answer === undefined || config.value !== text) return;
      seen = answer.seen;
      list(answer.steps);
      byId('plan-shown').hidden = false;
    });
    byId('apply').addEventListener('click', async () => {
      if (seen === undefined) return;
      const asked = { config: config.value, seen };
      tell('Applying the plan…', false);
      if ((await post('dashboard/apply', asked)) === undefined) return;
      // The button that has the focus disappears: keep the focus.
      byId('plan').focus();
      forget();
    });
  }
`;
