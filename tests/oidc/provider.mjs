// A real OpenID Connect provider (the certified package `oidc-provider`) on a free loopback port, for the tests.
// Prints its address as its first line. Nobody types anything: whoever comes is the person that was named last
// with POST /person {"account", "groups", "skewSeconds", "refuses", "groupsIn", "info"}; a skew moves this process's
// clock. "groupsIn" says where the groups are: "token" (and at the userinfo endpoint, as the standard has it),
// "userinfo" or "nowhere". "info" is what that endpoint does: "answers", "other" (somebody else's subject), "fails".
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

// Nobody reads on after the first line, and a pipe without a reader ends a process.
for (const say of ["log", "info", "warn", "error"]) console[say] = () => {};

const [clientId, clientSecret, redirectUri] = process.argv.slice(2);
let person = { account: "zoe", groups: [], skewSeconds: 0, refuses: false, groupsIn: "token", info: "answers" };
// How often the userinfo endpoint was asked since the person was named.
let infoAsked = 0;

const realNow = Date.now.bind(Date);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(Date.now());
    else super(...given);
  }
  static now() {
    return realNow() + person.skewSeconds * 1000;
  }
};

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: "test", use: "sig", alg: "RS256" };

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  conformIdTokenClaims: false,
  jwks: { keys: [jwk] },
  cookies: { keys: ["only-for-tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: (use) => {
      const told = person.groupsIn === "token" || (person.groupsIn === "userinfo" && use === "userinfo");
      return { sub: `subject-of-${id}`, preferred_username: id, ...(told ? { groups: person.groups } : {}) };
    },
  }),
});

async function interact(request, response) {
  if (person.refuses) {
    await provider.interactionFinished(request, response, { error: "access_denied" });
    return;
  }
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === "login") {
    const login = { accountId: person.account };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const grant = new provider.Grant({
    accountId: details.session.accountId,
    clientId: details.params.client_id,
  });
  grant.addOIDCScope(details.params.scope);
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (request.url === "/person" && request.method === "POST") {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      person = { ...person, ...JSON.parse(body) };
      infoAsked = 0;
      response.end("ok");
    });
  } else if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  } else if (request.url === "/person") {
    response.end(JSON.stringify({ infoAsked }));
  } else {
    if (request.url === "/me") infoAsked += 1;
    if (request.url === "/me" && person.info === "fails") {
      response.statusCode = 503;
      response.end();
    } else if (request.url === "/me" && person.info === "other") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ sub: "subject-of-somebody-else", groups: person.groups }));
    } else answer(request, response);
  }
});
process.stdin.resume();
// It ends with whoever started it.
process.stdin.on("end", () => process.exit(0));
process.stdout.on("error", () => {});
process.stdout.write(`${issuer}\n`);
