// What the @openid4vc packages leave to their user: hashing, signing, encrypting, and reading certificates.
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import * as jose from "jose";

// The tests' servers speak plain HTTP on the loopback interface.
setGlobalConfig({ allowInsecureUrls: true });

export async function newKey() {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  return { publicJwk: await jose.exportJWK(publicKey), privateJwk: await jose.exportJWK(privateKey) };
}

// Keys: private JWKs by the thumbprint of their public half.
export async function callbacksWith(keys, { clientAuthentication = clientAuthenticationAnonymous() } = {}) {
  const privateByThumbprint = new Map();
  for (const key of keys) privateByThumbprint.set(await jose.calculateJwkThumbprint(key.publicJwk), key.privateJwk);
  return {
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (bytes) => randomBytes(bytes),
    clientAuthentication,
    signJwt: async (signer, { header, payload }) => {
      const privateJwk = privateByThumbprint.get(await jose.calculateJwkThumbprint(signer.publicJwk));
      const key = await jose.importJWK(privateJwk, "ES256");
      return { jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(key), signerJwk: signer.publicJwk };
    },
    verifyJwt: async (signer, { compact }) => {
      const { key, jwk } = await keyOf(signer);
      try {
        await jose.compactVerify(compact, key);
        return { verified: true, signerJwk: jwk };
      } catch {
        return { verified: false };
      }
    },
    encryptJwe: async (encryptor, plaintext) => {
      const header = { alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid };
      const key = await jose.importJWK(encryptor.publicJwk, encryptor.alg);
      // What the package proposes as apu and apv is of earlier drafts; 1.0 asks for neither.
      const encrypted = new jose.CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(header);
      return { jwe: await encrypted.encrypt(key), encryptionJwk: encryptor.publicJwk };
    },
    decryptJwe: async () => ({ decrypted: false }),
    getX509CertificateMetadata: (der) => {
      const names = new X509Certificate(Buffer.from(der, "base64")).subjectAltName ?? "";
      const of = (kind) => names.split(", ").filter((n) => n.startsWith(kind)).map((n) => n.slice(kind.length));
      return { sanDnsNames: of("DNS:"), sanUriNames: of("URI:") };
    },
  };
}

async function keyOf(signer) {
  if (signer.method === "x5c") {
    const pem = `-----BEGIN CERTIFICATE-----\n${signer.x5c[0]}\n-----END CERTIFICATE-----`;
    const key = await jose.importX509(pem, signer.alg, { extractable: true });
    return { key, jwk: await jose.exportJWK(key) };
  }
  return { key: await jose.importJWK(signer.publicJwk, signer.alg), jwk: signer.publicJwk };
}
