// How a foreign program is called: `{"action": …, "input": {…}}` comes in, `{"output": …}` or `{"error": …}` goes out.
import { text } from "node:stream/consumers";

export async function serve(actions) {
  const { action, input } = JSON.parse(await text(process.stdin));
  try {
    console.log(JSON.stringify({ output: await actions[action](input) }));
  } catch (error) {
    console.log(JSON.stringify({ error: { name: error.name, message: error.message } }));
  }
}
