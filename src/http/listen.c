#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static const int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

static err endpoint_parse(const char *address, uint16_t port, union endpoint *ret_endpoint, socklen_t *ret_n)
{
	union endpoint *to = ret_endpoint;

	*to = (union endpoint){ 0 };
	if (inet_pton(AF_INET, address, &to->v4.sin_addr) == 1) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(port);
		*ret_n = sizeof(to->v4);
		return OK;
	}
	ENSURE(inet_pton(AF_INET6, address, &to->v6.sin6_addr) == 1, CONFIG);
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	*ret_n = sizeof(to->v6);
	return OK;
}

static err open_tcp(const union endpoint *at, socklen_t n, int *ret_fd, uint16_t *ret_port)
{
	const int on = 1, off = 0;
	union endpoint bound = { 0 };
	socklen_t bound_n = sizeof(bound);

	*ret_fd = socket(at->any.sa_family, kind, 0);
	ENSURE(*ret_fd >= 0, IO);
	ENSURE(setsockopt(*ret_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0, IO);
	if (at->any.sa_family == AF_INET6) /* "::" takes IPv4 clients too */
		ENSURE(setsockopt(*ret_fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0, IO);
	ENSURE(bind(*ret_fd, &at->any, n) == 0, IO);
	ENSURE(listen(*ret_fd, SOMAXCONN) == 0, IO);
	ENSURE(getsockname(*ret_fd, &bound.any, &bound_n) == 0, IO);
	*ret_port = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
	return OK;
}

static void give_up(const struct log *log, const char *what, const char *where, int fd)
{
	log_line(log, LOG_ERROR, what, LOG_T("at", where), LOG_T("reason", strerror(errno)));
	if (fd >= 0)
		close(fd);
}

err listen_tcp(const struct log *log, const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port)
{
	union endpoint at;
	socklen_t n;
	struct error e = endpoint_parse(address, port, &at, &n);

	if (failed(e)) {
		log_line(log, LOG_ERROR, "the listen address is not an IP address", LOG_T("at", address));
		return e;
	}
	*ret_fd = -1;
	e = open_tcp(&at, n, ret_fd, ret_port);
	if (failed(e))
		give_up(log, "cannot listen", address, *ret_fd);
	return e;
}

/* A socket file outlives its process. It is stale when connecting to it is refused. */
static bool is_stale(const union endpoint *at)
{
	struct stat file;
	int fd;
	bool refused;

	if (lstat(at->local.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode))
		return false;
	fd = socket(AF_UNIX, kind, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, &at->any, sizeof(at->local)) != 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static err open_unix(const union endpoint *at, int *ret_fd)
{
	*ret_fd = socket(AF_UNIX, kind, 0);
	ENSURE(*ret_fd >= 0, IO);
	/* On Linux bind() gives the file the mode of the socket, so it is never open to others, not even for a moment. */
	ENSURE(fchmod(*ret_fd, S_IRUSR | S_IWUSR) == 0, IO);
	if (bind(*ret_fd, &at->any, sizeof(at->local)) != 0) {
		ENSURE(errno == EADDRINUSE, IO);
		if (!is_stale(at)) {
			errno = EADDRINUSE;
			return FAIL(IO);
		}
		ENSURE(unlink(at->local.sun_path) == 0, IO);
		ENSURE(bind(*ret_fd, &at->any, sizeof(at->local)) == 0, IO);
	}
	ENSURE(listen(*ret_fd, SOMAXCONN) == 0, IO);
	return OK;
}

err listen_unix(const struct log *log, const char *path, int *ret_fd)
{
	union endpoint at = { .local = { .sun_family = AF_UNIX } };
	struct error e;

	if (strlen(path) == 0 || strlen(path) >= sizeof(at.local.sun_path)) {
		log_line(log, LOG_ERROR, "the path of the admin socket is too long or empty", LOG_T("at", path));
		return FAIL(CONFIG);
	}
	memcpy(at.local.sun_path, path, strlen(path) + 1);
	*ret_fd = -1;
	e = open_unix(&at, ret_fd);
	if (failed(e))
		give_up(log, "cannot listen", path, *ret_fd);
	return e;
}
