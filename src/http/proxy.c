#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "http/exchange.h"

static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

static bool is_v4(const struct address *address)
{
	return memcmp(address->b, v4_prefix, sizeof(v4_prefix)) == 0;
}

err address_parse(struct slice text, struct address *ret_address)
{
	char word[INET6_ADDRSTRLEN];

	ENSURE(text.n < sizeof(word), PARSE);
	if (text.n)
		memcpy(word, text.p, text.n);
	word[text.n] = 0;
	ENSURE(strlen(word) == text.n, PARSE);
	if (inet_pton(AF_INET, word, ret_address->b + sizeof(v4_prefix)) == 1) {
		memcpy(ret_address->b, v4_prefix, sizeof(v4_prefix));
		return OK;
	}
	ENSURE(inet_pton(AF_INET6, word, ret_address->b) == 1, PARSE);
	return OK;
}

bool address_of(const struct sockaddr *socket, struct address *ret_address)
{
	if (socket->sa_family == AF_INET6) {
		memcpy(ret_address->b, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, 16);
		return true;
	}
	memcpy(ret_address->b, v4_prefix, sizeof(v4_prefix));
	if (socket->sa_family == AF_INET)
		memcpy(ret_address->b + 12, &((const struct sockaddr_in *)(const void *)socket)->sin_addr, 4);
	return socket->sa_family == AF_INET;
}

/* By hand: inet_ntop() goes through printf, and this is done for each request. */
static struct slice v4_text(struct arena *a, const uint8_t *bytes)
{
	struct buf text = buf_arena(a, INET_ADDRSTRLEN);

	for (int i = 0; i < 4; i++) {
		if (i)
			buf_byte(&text, '.');
		buf_i64_text(&text, bytes[i]);
	}
	return buf_bytes(&text);
}

struct slice address_text(struct arena *a, const struct address *address)
{
	char word[INET6_ADDRSTRLEN] = "";

	if (is_v4(address))
		return v4_text(a, address->b + sizeof(v4_prefix));
	inet_ntop(AF_INET6, address->b, word, sizeof(word));
	return arena_copy(a, slice_text(word));
}

static err network_parse(struct slice word, struct network *ret_network)
{
	struct slice bits = word, base = slice_cut(&bits, '/');
	bool dotted = slice_find(base, ':') == base.n;
	uint64_t count = dotted ? 32 : 128;

	TRY(address_parse(base, &ret_network->base));
	if (base.n < word.n)
		TRY(slice_u64(bits, &count));
	ENSURE(count <= (dotted ? 32 : 128), PARSE);
	ret_network->bits = (unsigned)count + (dotted ? 96 : 0);
	ret_network->v4 = is_v4(&ret_network->base) && ret_network->bits >= 96;
	return OK;
}

err networks_parse(const char *list, struct networks *ret_networks, struct slice *ret_word)
{
	struct slice rest = slice_text(list);

	*ret_networks = (struct networks){ 0 };
	while (rest.n) {
		struct slice word = slice_trim(slice_cut(&rest, ','));
		struct network network;

		*ret_word = word;
		if (failed(network_parse(word, &network))) {
			networks_free(ret_networks);
			return FAIL(CONFIG);
		}
		ret_networks->list = xrealloc(ret_networks->list, (ret_networks->count + 1) * sizeof(network));
		ret_networks->list[ret_networks->count++] = network;
	}
	return OK;
}

void networks_free(struct networks *networks)
{
	free(networks->list);
	*networks = (struct networks){ 0 };
}

static bool holds(const struct network *network, const struct address *address)
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));

	if (network->v4 != is_v4(address) || memcmp(network->base.b, address->b, whole) != 0)
		return false;
	return rest == 0 || ((network->base.b[whole] ^ address->b[whole]) & mask) == 0;
}

bool networks_hold(const struct networks *networks, const struct address *address)
{
	for (size_t i = 0; i < networks->count; i++)
		if (holds(&networks->list[i], address))
			return true;
	return false;
}

/* Proxies write 192.0.2.1, 2001:db8::1, and some add a port: 192.0.2.1:5000, [2001:db8::1]:5000. */
static err forwarded_parse(struct slice word, struct address *ret_address)
{
	size_t colon = slice_find(word, ':');

	if (word.n && word.p[0] == '[')
		return address_parse(slice_of(word.p + 1, slice_find(word, ']') - 1), ret_address);
	if (slice_find(slice_of(word.p, colon), '.') < colon)
		return address_parse(slice_of(word.p, colon), ret_address);
	return address_parse(word, ret_address);
}

/* Takes the last word off a comma list. */
static struct slice cut_last(struct slice *list)
{
	size_t at = list->n;
	struct slice word;

	while (at > 0 && list->p[at - 1] != ',')
		at--;
	word = slice_of(list->p + at, list->n - at);
	list->n = at ? at - 1 : 0;
	return slice_trim(word);
}

/* Each field, last first, continues the list of the one before it (RFC 9110 section 5.3). */
static struct slice joined(struct http_request *req, const char *name)
{
	struct buf all = buf_arena(&req->arena, HEADERS_BYTES_MAX);
	const struct http_header *field = NULL;

	while ((field = request_next_header(req, name, field)) != NULL) {
		if (all.n)
			buf_byte(&all, ',');
		buf_slice(&all, field->value);
	}
	return buf_bytes(&all);
}

void proxy_client(const struct networks *trusted, const struct address *socket, bool socket_tls, struct http_request *req)
{
	struct address peer = *socket, next;
	struct slice chain, schemes;

	req->tls = socket_tls;
	if (networks_hold(trusted, socket)) {
		chain = joined(req, "x-forwarded-for");
		while (chain.n && networks_hold(trusted, &peer) && !failed(forwarded_parse(cut_last(&chain), &next)))
			peer = next;
		schemes = joined(req, "x-forwarded-proto");
		if (schemes.n)
			req->tls = slice_ieq(cut_last(&schemes), S("https"));
	}
	req->peer = address_text(&req->arena, &peer);
}
