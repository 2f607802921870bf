// A real SMTP server (the npm package `smtp-server`, of the makers of Nodemailer) that keeps what it is given and
// says it, one JSON object a line: first its port, then each letter.
//
//   node sink.mjs MODE [CERTIFICATE KEY]
//
// MODE: plain, login (asks for a user and a password), refuse (takes no recipient), later (asks to come again),
// starttls, tls.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const [mode, certificate, key] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const no = (code, words) => Object.assign(new Error(words), { responseCode: code });
const secured = mode === "tls" || mode === "starttls";

const server = new SMTPServer({
  secure: mode === "tls",
  ...(secured ? { cert: readFileSync(certificate), key: readFileSync(key) } : { disabledCommands: ["STARTTLS"] }),
  authOptional: mode !== "login",
  allowInsecureAuth: true,
  disableReverseLookup: true,
  onAuth: ({ username, password }, _session, done) =>
    username === "accuscope" && password === "a-password-for-tests-only"
      ? done(null, { user: username })
      : done(no(535, "no such user")),
  onRcptTo: (_address, _session, done) => (mode === "refuse" ? done(no(550, "no such mailbox")) : done()),
  onData: (stream, session, done) => {
    const pieces = [];
    stream.on("data", (piece) => pieces.push(piece));
    stream.on("end", () => {
      if (mode === "later") return done(no(451, "come again"));
      say({
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((to) => to.address),
        user: session.user ?? null,
        secure: session.secure,
        data: Buffer.concat(pieces).toString("utf8"),
      });
      done();
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
// Ends with the one who started it.
process.stdin.on("end", () => process.exit(0)).resume();
