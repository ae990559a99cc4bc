/* Who is at the other end: addresses, networks, and what a trusted proxy says about its client. Pure. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include <sys/socket.h>

#include "http/http.h"

/* IPv6; an IPv4 address is held in its v4-mapped form, so that both spellings are one address. */
struct address {
	uint8_t b[16];
};

struct network {
	struct address base;
	unsigned bits; /* of the 128 */
	bool v4;
};

struct networks {
	struct network *list; /* heap */
	size_t count;
};

/* A comma list of addresses and networks in CIDR; E_CONFIG and the word that is none in `ret_word`. */
err networks_parse(const char *list, struct networks *ret_networks, struct slice *ret_word);
void networks_free(struct networks *networks);
bool networks_hold(const struct networks *networks, const struct address *address);

err address_parse(struct slice text, struct address *ret_address);
/* False when the socket is neither IPv4 nor IPv6. */
bool address_of(const struct sockaddr *socket, struct address *ret_address);
struct slice address_text(struct arena *a, const struct address *address);

/*
 * Sets req->peer and req->tls. Behind a trusted socket address the peer is the right-most address of X-Forwarded-For that is not
 * trusted itself, and X-Forwarded-Proto (its last word) says whether the client came by TLS. Others are not asked.
 */
void proxy_client(const struct networks *trusted, const struct address *socket, bool socket_tls, struct http_request *req);

#endif
