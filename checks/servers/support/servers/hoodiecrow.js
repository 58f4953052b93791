// The in-memory server hoodiecrow: node hoodiecrow.js PORT TLSPORT TLSDIR. Each port has a store of
// its own, which all users share.
"use strict";
const fs = require("fs");
const hoodiecrow = require("hoodiecrow-imap");
const [port, tlsPort, directory] = process.argv.slice(2);

function listen(port, secureConnection) {
  const server = hoodiecrow({
    plugins: [
      "ID", "STARTTLS", "AUTH-PLAIN", "SASL-IR", "NAMESPACE", "IDLE", "ENABLE", "CONDSTORE",
      "LITERALPLUS", "UNSELECT", "SPECIAL-USE", "CREATE-SPECIAL-USE", "XOAUTH2", "MOVE", "UIDPLUS",
      "X-GM-EXT-1",
    ],
    secureConnection,
    credentials: {
      key: fs.readFileSync(directory + "/server.key"),
      cert: fs.readFileSync(directory + "/server.pem"),
    },
    id: { name: "hoodiecrow", version: "2.1.0" },
    users: {
      user0: { password: "secret", xoauth2: { accessToken: "token", sessionTimeout: 3600000 } },
    },
    storage: {
      INBOX: { messages: [] },
      "": {
        separator: "/",
        folders: {
          Sent: { "special-use": "\\Sent" },
          Drafts: { "special-use": "\\Drafts" },
          Trash: { "special-use": "\\Trash" },
        },
      },
    },
  });
  server.listen(Number(port), "127.0.0.1");
}
listen(port, false);
listen(tlsPort, true);
