/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http_listen.h - what http_server.c needs besides HTTP: a listening socket
 *                 that is allowed to be plain, and GnuTLS with client certificates
 */
#ifndef KEELSON_RPC_HTTP_LISTEN_H
#define KEELSON_RPC_HTTP_LISTEN_H

#include <gnutls/gnutls.h>
#include "base/util.h"

/* The three PEM texts. */
struct http_tls {
	char *ca, *cert, *key;
};

/* Reads and checks them: 0, or negative errno and a sentence that names the file. */
int http_tls_load(const char *ca_file, const char *cert_file, const char *key_file,
		  struct http_tls **ret, char **ret_msg);
void http_tls_free(struct http_tls *t);
/* Makes the handshake fail unless the client shows a certificate of the CA that is meant for clients. */
void http_tls_require_peer(gnutls_session_t session);
/* Common name of the verified peer and, up to a NULL, its organizations; NULL if there is none. Caller frees both. */
char *http_tls_peer(gnutls_session_t session, char ***ret_groups);
void http_tls_groups_free(char **groups);

/*
 * A listening socket, or negative errno and a sentence. *ret_unix_path is the
 * path of a unix socket, to unlink in the end; *ret_port the TCP port.
 */
int http_listen(const char *address, bool tls, char **ret_unix_path, int *ret_port, char **ret_msg);

#endif
