/*
 * What no server can avoid, done by itself: signatures, hashes, sealing, synced writes, and the exchange of one request and one
 * reply over a socket. Each is measured in CPU time, on the core it runs on.
 *
 * bare operations DIR [MS]   prints a JSON object: name → microseconds of CPU and of wall time of one; files go into DIR
 * bare http BYTES            answers whatever arrives with a reply of BYTES, until it is killed; prints the port first
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, FILE_BYTES = 4 << 20, TOKEN_BYTES = 640, SHORT_BYTES = 64, SEALED_BYTES = 128, SOCKETS_MAX = 1024 };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- operations ---- */

struct work {
	EVP_PKEY *key;
	EVP_PKEY_CTX *sign, *verify;
	EVP_MD *sha256;
	EVP_CIPHER *aes;
	EVP_CIPHER_CTX *cipher;
	uint8_t digest[32], signature[80], bytes[PAGE_BYTES];
	size_t signature_bytes;
	int fd;
	int64_t at;
};

static void sign(struct work *w)
{
	w->signature_bytes = sizeof(w->signature);
	must(EVP_PKEY_sign(w->sign, w->signature, &w->signature_bytes, w->digest, sizeof(w->digest)) == 1, "sign");
}

static void verify(struct work *w)
{
	must(EVP_PKEY_verify(w->verify, w->signature, w->signature_bytes, w->digest, sizeof(w->digest)) == 1, "verify");
}

static void hash(struct work *w, size_t n)
{
	uint8_t out[EVP_MAX_MD_SIZE];

	must(EVP_Digest(w->bytes, n, out, NULL, w->sha256, NULL) == 1, "hash");
}

static void hash_token(struct work *w)
{
	hash(w, TOKEN_BYTES);
}

static void hash_short(struct work *w)
{
	hash(w, SHORT_BYTES);
}

/* Each user has a key of its own, so setting it up is part of it. */
static void seal(struct work *w)
{
	uint8_t out[SEALED_BYTES + 16], tag[16];
	int n;

	must(EVP_EncryptInit_ex2(w->cipher, w->aes, w->bytes, w->bytes + 32, NULL) == 1, "key");
	must(EVP_EncryptUpdate(w->cipher, NULL, &n, w->bytes, 24) == 1, "associated data");
	must(EVP_EncryptUpdate(w->cipher, out, &n, w->bytes, SEALED_BYTES) == 1, "seal");
	must(EVP_EncryptFinal_ex(w->cipher, out + n, &n) == 1, "seal");
	must(EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag) == 1, "tag");
}

static void write_synced(struct work *w, int64_t at)
{
	must(pwrite(w->fd, w->bytes, PAGE_BYTES, at) == PAGE_BYTES && fdatasync(w->fd) == 0, "write");
}

/* As into a log that has started again from its beginning: the blocks are there. */
static void overwrite(struct work *w)
{
	write_synced(w, w->at);
	w->at = (w->at + PAGE_BYTES) % FILE_BYTES;
}

/* As into a log that grows. */
static void append(struct work *w)
{
	write_synced(w, w->at);
	w->at += PAGE_BYTES;
}

struct operation {
	const char *name;
	void (*run)(struct work *w);
};

static const struct operation operations[] = {
	{ "es256_sign", sign },
	{ "es256_verify", verify },
	{ "sha256_token", hash_token },
	{ "sha256_short", hash_short },
	{ "aes_gcm", seal },
	{ "write_sync", overwrite },
	{ "append_sync", append },
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static void prepare(struct work *w, const char *dir)
{
	char path[4096];

	w->key = EVP_EC_gen("P-256");
	w->sign = EVP_PKEY_CTX_new_from_pkey(NULL, w->key, NULL);
	w->verify = EVP_PKEY_CTX_new_from_pkey(NULL, w->key, NULL);
	must(EVP_PKEY_sign_init(w->sign) == 1 && EVP_PKEY_verify_init(w->verify) == 1, "key");
	w->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	w->aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	w->cipher = EVP_CIPHER_CTX_new();
	must(RAND_bytes(w->bytes, sizeof(w->bytes)) == 1, "random bytes");
	snprintf(path, sizeof(path), "%s/bare", dir);
	w->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(w->fd >= 0, path);
	for (int64_t at = 0; at < FILE_BYTES; at += PAGE_BYTES)
		must(pwrite(w->fd, w->bytes, PAGE_BYTES, at) == PAGE_BYTES, path);
	must(fsync(w->fd) == 0 && unlink(path) == 0, path);
}

static void measure(struct work *w, const struct operation *op, int64_t ms, bool last)
{
	int64_t cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID), wall = clock_us(CLOCK_MONOTONIC), n = 0;

	w->at = op->run == append ? FILE_BYTES : 0;
	while (clock_us(CLOCK_MONOTONIC) - wall < ms * 1000)
		for (int i = 0; i < 10; i++, n++)
			op->run(w);
	printf("  \"%s\": {\"cpu_us\": %.3f, \"wall_us\": %.3f}%s\n", op->name,
		(double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)n,
		(double)(clock_us(CLOCK_MONOTONIC) - wall) / (double)n, last ? "" : ",");
}

static void run_operations(const char *dir, int64_t ms)
{
	static struct work w;

	prepare(&w, dir);
	printf("{\n");
	for (int i = 0; i < OPERATIONS; i++)
		measure(&w, &operations[i], ms, i == OPERATIONS - 1);
	printf("}\n");
}

/* ---- one exchange ---- */

static int listen_anywhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	must(fd >= 0 && bind(fd, (struct sockaddr *)&at, n) == 0 && listen(fd, SOCKETS_MAX) == 0, "listen");
	must(getsockname(fd, (struct sockaddr *)&at, &n) == 0, "getsockname");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

/* The load never sends a request in two pieces, nor two at once. */
static void answer(int fd, const char *reply, size_t n)
{
	char request[16 * 1024];
	ssize_t got = recv(fd, request, sizeof(request), 0);

	if (got <= 0 || send(fd, reply, n, MSG_NOSIGNAL) < 0)
		close(fd);
}

static void serve(size_t body_bytes)
{
	struct epoll_event events[SOCKETS_MAX];
	int listening = listen_anywhere(), epoll = epoll_create1(EPOLL_CLOEXEC), fd;
	char *reply = calloc(1, body_bytes + 256);
	size_t n;

	must(reply != NULL, "memory");
	n = (size_t)snprintf(reply, 256, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body_bytes);
	memset(reply + n, ' ', body_bytes);
	watch(epoll, listening);
	for (;;) {
		int count = epoll_wait(epoll, events, SOCKETS_MAX, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd != listening)
				answer(events[i].data.fd, reply, n + body_bytes);
			else if ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
				watch(epoll, fd);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "operations") == 0) {
		run_operations(argv[2], argc > 3 ? atoi(argv[3]) : 500);
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "http") == 0)
		serve((size_t)atoi(argv[2]));
	fprintf(stderr, "bare operations DIR [MS] | bare http BYTES\n");
	return 2;
}
