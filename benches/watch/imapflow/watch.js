// ImapFlow on Node.js: an object for each account, in one event loop.

import { ImapFlow } from "imapflow";

const [port, accounts, renewAfter] = process.argv.slice(2).map(Number);

const logIn = async (number) => {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: `user${number}`, pass: process.env.PASSWORD },
    maxIdleTime: renewAfter * 1000,
    logger: false,
  });
  client.on("error", (error) => {
    throw error;
  });
  await client.connect();
  return client;
};

const follow = async (number) => {
  const client = await logIn(number);
  const mailbox = await client.mailboxOpen("INBOX", { readOnly: true });
  let next = mailbox.uidNext;
  client.on("exists", async () => {
    for await (const message of client.fetch(`${next}:*`, { flags: true }, { uid: true })) {
      // `n:*` is the last message if there is none from n on.
      if (message.uid >= next) {
        process.stdout.write(`${number} ${message.uid}\n`);
        next = message.uid + 1;
      }
    }
    client.idle();
  });
  client.idle();
};

for (let number = 0; number < accounts; number++) {
  await follow(number);
}
process.stdout.write("ready\n");
