/** A page to try the chat with: open it twice. */
export const CHAT_PAGE = `<!doctype html>
<meta charset="utf-8" />
<title>Chat</title>
<form><input name="text" placeholder="Say something" autofocus autocomplete="off" /></form>
<pre></pre>
<script>
  const form = document.querySelector('form');
  const show = (line) => document.querySelector('pre').append(line + '\\n');
  const socket = new WebSocket('ws://' + location.host + '/chat');
  socket.onopen = () => show('connected');
  socket.onclose = ({ code }) => show('closed with ' + code);
  socket.onmessage = ({ data }) => {
    const { text, server, message } = JSON.parse(data).data;
    show(message ?? server + ': ' + text);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(JSON.stringify({ event: 'say', data: { text: form.elements.text.value } }));
    form.reset();
  };
</script>
`;
