// Issuer, holder and verifier of SD-JWT VCs by @sd-jwt/sd-jwt-vc. One command as JSON on standard input, one answer out.
import { digest, ES256, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { serve } from "./command.mjs";

const common = { hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt, signAlg: "ES256" };

// The status list's signature and the trust behind all keys are giayto's own business: here only formats are compared.
async function verify({ presentation, issuerJwk, nonce, required, statusList, now }) {
  const instance = new SDJwtVcInstance({
    ...common,
    verifier: await ES256.getVerifier(issuerJwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    statusListFetcher: async () => statusList,
    statusVerifier: async () => true,
  });
  const { payload, header, kb } = await instance.verify(presentation, {
    requiredClaimKeys: required,
    keyBindingNonce: nonce,
    currentDate: now,
  });
  return { payload, header, keyBinding: kb?.payload ?? null };
}

async function issue({ payload, disclosable, issuerJwk, header }) {
  const instance = new SDJwtVcInstance({ ...common, signer: await ES256.getSigner(issuerJwk) });
  return { credential: await instance.issue(payload, { _sd: disclosable }, { header }) };
}

async function present({ credential, shown, holderJwk, keyBinding }) {
  const instance = new SDJwtVcInstance({
    ...common,
    kbSigner: await ES256.getSigner(holderJwk),
    kbSignAlg: "ES256",
  });
  const frame = Object.fromEntries(shown.map((name) => [name, true]));
  return { presentation: await instance.present(credential, frame, { kb: { payload: keyBinding } }) };
}

await serve({ verify, issue, present });
