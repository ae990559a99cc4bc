/* Sockets to listen on: TCP, or a Unix socket that only its owner can open. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "base/log.h"

/* E_CONFIG for what is no address, E_IO when the system says no; both with a log line in words. */
err listen_tcp(const struct log *log, const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port);
/* Takes the place of a socket that nobody listens on; any other file at the path is left alone. */
err listen_unix(const struct log *log, const char *path, int *ret_fd);

#endif
