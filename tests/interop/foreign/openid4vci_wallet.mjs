// A wallet by @openid4vc/openid4vci: one offer, from its link to credentials.
import { clientAuthenticationNone } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { callbacksWith, newKey } from "./callbacks.mjs";
import { serve } from "./command.mjs";

async function newWallet(copies, clientId, dpopKey) {
  dpopKey ??= await newKey();
  const holderKeys = await Promise.all(Array.from({ length: copies }, newKey));
  const client = new Openid4vciClient({
    callbacks: await callbacksWith(
      [dpopKey, ...holderKeys],
      clientId ? { clientAuthentication: clientAuthenticationNone({ clientId }) } : {},
    ),
  });
  return { client, holderKeys, dpopKey, dpop: { signer: signerOf(dpopKey) } };
}

const signerOf = (key) => ({ method: "jwk", alg: "ES256", publicJwk: key.publicJwk });

// Pre-authorized code: offer -> token -> nonce -> proofs -> credentials -> notification.
async function fetchPreAuthorized({ offer, txCode, copies = 1 }) {
  const wallet = await newWallet(copies);
  const credentialOffer = await wallet.client.resolveCredentialOffer(offer);
  const issuerMetadata = await wallet.client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const token = await wallet.client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode, dpop: wallet.dpop,
  });
  return retrieve(wallet, { credentialOffer, issuerMetadata, token });
}

// Authorization code, first half: by PAR to the address where the citizen logs in. What the second half needs goes out.
async function authorize({ offer, clientId, redirectUri, scope }) {
  const wallet = await newWallet(0, clientId);
  const credentialOffer = await wallet.client.resolveCredentialOffer(offer);
  const issuerMetadata = await wallet.client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const started = await wallet.client.initiateAuthorization({
    clientId, redirectUri, scope, credentialOffer, issuerMetadata, dpop: wallet.dpop,
  });
  return { url: started.authorizationRequestUrl, codeVerifier: started.pkce?.codeVerifier, dpopKey: wallet.dpopKey };
}

// Authorization code, second half: code -> token -> credentials.
async function fetchAuthorized({ offer, clientId, redirectUri, code, codeVerifier, dpopKey, copies = 1 }) {
  const wallet = await newWallet(copies, clientId, dpopKey);
  const credentialOffer = await wallet.client.resolveCredentialOffer(offer);
  const issuerMetadata = await wallet.client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const token = await wallet.client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, authorizationCode: code, pkceCodeVerifier: codeVerifier, redirectUri,
    dpop: wallet.dpop,
  });
  return retrieve(wallet, { credentialOffer, issuerMetadata, token });
}

async function retrieve({ client, holderKeys }, { credentialOffer, issuerMetadata, token }) {
  const credentialConfigurationId = credentialOffer.credential_configuration_ids[0];
  const accessToken = token.accessTokenResponse.access_token;
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const proofs = await Promise.all(holderKeys.map((key) => client.createCredentialRequestJwtProof({
    signer: signerOf(key), nonce, issuedAt: new Date(), issuerMetadata, credentialConfigurationId,
  })));
  const { credentialResponse, dpop } = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken, dpop: token.dpop,
    proofs: { jwt: proofs.map(({ jwt }) => jwt) },
  });
  if (credentialResponse.notification_id) {
    await client.sendNotification({
      issuerMetadata, accessToken, dpop: dpop ?? token.dpop,
      notification: { notificationId: credentialResponse.notification_id, event: "credential_accepted" },
    });
  }
  return {
    credentials: credentialResponse.credentials.map(({ credential }) => credential),
    holderKeys,
    tokenType: token.accessTokenResponse.token_type,
    notified: Boolean(credentialResponse.notification_id),
  };
}

await serve({ fetchPreAuthorized, authorize, fetchAuthorized });
