/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock.h - a client's byte stream on the event loop: unix socket, TCP or TLS
 *
 * TLS is OpenSSL's, with the server's certificate checked against one CA and
 * the ALPN protocol "h2", for the gRPC channel above it.
 */
#ifndef KEELSON_RPC_SOCK_H
#define KEELSON_RPC_SOCK_H

#include <netdb.h>
#include <openssl/ssl.h>
#include <systemd/sd-event.h>
#include "base/util.h"

/* Where to connect, parsed once. */
struct sock_target {
	char *name;		/* as it was given, for messages */
	char *path;		/* unix socket, or NULL */
	char *host, *port;	/* TCP; host without brackets */
	char *authority;	/* "host:port" for HTTP; "localhost" on a unix socket */
	bool tls;
};
/* "unix:/path", "http://host:port", "https://[::1]:port"; -EINVAL and *ret_msg on anything else. */
int sock_target_parse(const char *text, struct sock_target *ret, char **ret_msg);
void sock_target_clear(struct sock_target *t);

/* A TLS client context from PEM files; cert and key may both be NULL. -EINVAL and *ret_msg names the file. */
int sock_tls_new(const char *ca_file, const char *cert_file, const char *key_file,
		 SSL_CTX **ret, char **ret_msg);

struct sock;
struct sock_ops {
	void (*on_open)(void *data);
	void (*on_data)(void *data, const void *p, size_t len);
	/* The queue of sock_write() is empty again after it was not. */
	void (*on_drain)(void *data);
	/* Once, last; the owner still calls sock_free(), here or later. msg: why, without the target's name. */
	void (*on_close)(void *data, const char *msg);
};

/*
 * Starts connecting; callbacks come from the loop. Target, context (NULL
 * without TLS) and ops must outlive the sock.
 */
struct sock *sock_connect(sd_event *loop, const struct sock_target *t, SSL_CTX *tls,
			  const struct sock_ops *ops, void *data);
/* Copies and queues; sends what the kernel takes at once. */
void sock_write(struct sock *s, const void *p, size_t len);
/* Bytes queued and not yet with the kernel. */
size_t sock_backlog(const struct sock *s);
/* No callback comes after it; may be called inside one. */
void sock_free(struct sock *s);

#endif
