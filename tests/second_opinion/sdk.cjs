// Uses the fake with the official JavaScript client.
"use strict";
const assert = require("node:assert");
const { createRequire } = require("node:module");
const { AuthressClient, TokenVerifier } = createRequire(`${process.cwd()}/`)("@authress/sdk");

(async () => {
  const url = process.env.AUTHRESS_API_URL;
  const client = new AuthressClient({ authressApiUrl: url }, process.env.AUTHRESS_ACCESS_KEY);
  const user = await client.users.getUser("auth0|000001");
  assert.equal(user.data.userId, "auth0|000001");
  const claims = await TokenVerifier(url, process.env.TOKEN);
  assert.ok(claims.sub);
})();
