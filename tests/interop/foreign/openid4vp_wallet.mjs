// A wallet by @openid4vc/openid4vp that holds one credential: it reads a request and answers it.
import { createHash } from "node:crypto";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { digest, ES256, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { callbacksWith } from "./callbacks.mjs";
import { serve } from "./command.mjs";

async function resolve(client, request) {
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: request });
  return client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params });
}

async function read({ request }) {
  const resolved = await resolve(new Openid4vpClient({ callbacks: await callbacksWith([]) }), request);
  return {
    client: { prefix: resolved.client.prefix ?? resolved.client.scheme, identifier: resolved.client.identifier },
    payload: resolved.authorizationRequestPayload,
    version: resolved.version,
  };
}

// The claims that the query's only credential asks for are shown; which credential fits is the caller's choice.
async function answer({ request, credential, holderJwk, shown }) {
  const client = new Openid4vpClient({ callbacks: await callbacksWith([]) });
  const resolved = await resolve(client, request);
  const payload = resolved.authorizationRequestPayload;
  const query = payload.dcql_query.credentials[0];
  const names = shown ?? query.claims.map(({ path }) => path[0]);
  const hashes = (payload.transaction_data ?? []).map((data) => createHash("sha256").update(data).digest("base64url"));
  const holder = new SDJwtVcInstance({
    hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt,
    kbSigner: await ES256.getSigner(holderJwk), kbSignAlg: "ES256",
  });
  const presentation = await holder.present(credential, Object.fromEntries(names.map((name) => [name, true])), {
    kb: {
      payload: {
        iat: Math.floor(Date.now() / 1000),
        aud: payload.client_id,
        nonce: payload.nonce,
        ...(hashes.length ? { transaction_data_hashes: hashes, transaction_data_hashes_alg: "sha-256" } : {}),
      },
    },
  });
  const encrypted = payload.response_mode === "direct_post.jwt";
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    clientMetadata: payload.client_metadata,
    authorizationResponsePayload: { vp_token: { [query.id]: [presentation] } },
    ...(encrypted ? { jarm: { encryption: { nonce: payload.nonce }, serverMetadata } } : {}),
  });
  const { response: answered } = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    authorizationResponsePayload: response.authorizationResponsePayload,
    jarm: response.jarm,
  });
  return { status: answered.status, body: await answered.json() };
}

const serverMetadata = {
  authorization_signing_alg_values_supported: ["ES256"],
  authorization_encryption_alg_values_supported: ["ECDH-ES"],
  authorization_encryption_enc_values_supported: ["A128GCM", "A256GCM"],
};

await serve({ read, answer });
