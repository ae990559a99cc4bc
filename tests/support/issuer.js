// An OpenID Connect issuer (the npm package oidc-provider) that can be made to say what it never would.
import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { freePort } from "./server.js";

export const CLAIMS = {
	given_name: "KARI", family_name: "NORDMANN", birthdate: "1979-02-28", gender: "female", nin: "28027912345", nin_issuing_country: "NO",
	nationality: "no",
};
export const SECRET = "a secret of more than enough characters";

export async function keyPair(kid, alg = "RS256") {
	const pair = await generateKeyPair(alg, { extractable: true });

	return {
		kid, alg, ...pair, pem: await exportPKCS8(pair.privateKey),
		private: { ...await exportJWK(pair.privateKey), kid, alg, use: "sig" }, public: { ...await exportJWK(pair.publicKey), kid, alg, use: "sig" },
	};
}

export class Issuer {
	seen = []; /* paths that were asked for */
	alter = {}; /* by path: (body, ctx) => body; may throw a number, which is the status of the answer */
	claims = CLAIMS;

	static async started(callback) {
		const all = new Issuer(), port = await freePort();

		all.url = `http://127.0.0.1:${port}`;
		all.key = await keyPair("first");
		all.clientKey = await keyPair("client", "ES256");
		all.provider = all.#provider(callback);
		all.web = createServer((request, reply) => all.#answer(request, reply)).listen(port, "127.0.0.1");
		await once(all.web, "listening");
		return all;
	}

	stop() {
		this.web.closeAllConnections();
		this.web.close();
	}

	#clients(redirect) {
		const same = { redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] };

		return [
			{ ...same, client_id: "proofing", client_secret: SECRET },
			{
				...same, client_id: "keyed", token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256",
				require_pushed_authorization_requests: true, jwks: { keys: [this.clientKey.public] },
			},
		];
	}

	#provider(redirect) {
		const provider = new Provider(this.url, {
			clients: this.#clients(redirect),
			jwks: { keys: [this.key.private] },
			claims: { openid: ["sub"], profile: Object.keys(CLAIMS) },
			pkce: { required: () => true },
			features: { devInteractions: { enabled: false }, pushedAuthorizationRequests: { enabled: true } },
			findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...this.claims }) }),
			interactions: { url: (_, { uid }) => `/interaction/${uid}` },
			cookies: { keys: ["k"] },
			loadExistingGrant: async ({ oidc }) => {
				const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });

				grant.addOIDCScope("openid profile");
				await grant.save();
				return grant;
			},
		});

		provider.use(async (ctx, next) => {
			await next();
			const alter = this.alter[ctx.path];

			if (!alter)
				return;
			try {
				ctx.body = await alter(ctx.body, ctx);
			} catch (status) {
				if (typeof status !== "number")
					throw status;
				ctx.status = status;
				ctx.body = { error: "made_up" };
			}
		});
		return provider;
	}

	#answer(request, reply) {
		this.seen.push(new URL(request.url, this.url).pathname);
		if (!request.url.startsWith("/interaction/"))
			return this.provider.callback()(request, reply);
		return this.provider.interactionFinished(request, reply, { login: { accountId: "somebody", acr: "high" } });
	}

	asked(path) {
		return this.seen.filter((one) => one === path).length;
	}
}

/** A browser with cookies that follows every redirect until a page comes that is no redirect, or `stopAt`. */
export async function browse(start, { stopAt } = {}) {
	const jar = new Map();
	let url = start;

	for (let i = 0; i < 12; i++) {
		if (stopAt && url.startsWith(stopAt))
			return url;
		const reply = await fetch(url, { redirect: "manual", headers: { cookie: [...jar].map((pair) => pair.join("=")).join("; ") } });

		for (const line of reply.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);

			jar.set(name, value);
		}
		if (reply.status < 300 || reply.status > 399)
			return reply;
		url = new URL(reply.headers.get("location"), url).href;
	}
	throw new Error("it goes round and round");
}
