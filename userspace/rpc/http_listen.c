// SPDX-License-Identifier: GPL-2.0-or-later
/* http_listen.c - see http_listen.h */
#include "rpc/http_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "rpc/http_server.h"

#define MAX_PEM (1u << 20)
#define BACKLOG 512

/* --- TLS ------------------------------------------------------------------------ */

static int load(const char *path, char **ret, char **ret_msg)
{
	int r = read_file(path, MAX_PEM, ret, NULL);

	if (r < 0)
		*ret_msg = xasprintf("%s: %s", path, strerror(-r));
	return r;
}

int http_tls_load(const char *ca_file, const char *cert_file, const char *key_file,
		  struct http_tls **ret, char **ret_msg)
{
	gnutls_certificate_credentials_t cred;
	struct http_tls *t;
	int r;

	if (!ca_file || !cert_file || !key_file) {
		*ret_msg = xstrdup("TLS needs a CA file, a certificate file and a key file: one is missing");
		return -EINVAL;
	}
	t = xnew0(struct http_tls);
	if ((r = load(ca_file, &t->ca, ret_msg)) < 0 || (r = load(cert_file, &t->cert, ret_msg)) < 0 ||
	    (r = load(key_file, &t->key, ret_msg)) < 0) {
		http_tls_free(t);
		return r;
	}
	/* libmicrohttpd would only say that it does not start. */
	if (gnutls_certificate_allocate_credentials(&cred) < 0)
		abort();
	r = gnutls_certificate_set_x509_trust_file(cred, ca_file, GNUTLS_X509_FMT_PEM);
	if (r <= 0) {
		*ret_msg = xasprintf("%s: %s", ca_file, r ? gnutls_strerror(r) : "holds no certificate");
		r = -EINVAL;
	} else {
		r = gnutls_certificate_set_x509_key_file(cred, cert_file, key_file, GNUTLS_X509_FMT_PEM);
		if (r < 0) {
			*ret_msg = xasprintf("%s and %s: %s", cert_file, key_file, gnutls_strerror(r));
			r = -EINVAL;
		}
	}
	gnutls_certificate_free_credentials(cred);
	if (r < 0) {
		http_tls_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void http_tls_free(struct http_tls *t)
{
	if (!t)
		return;
	if (t->key)
		explicit_bzero(t->key, strlen(t->key));
	free(t->ca);
	free(t->cert);
	free(t->key);
	free(t);
}

/* 0 when the peer's certificate is signed by the CA, in its time and meant for clients. */
static int verify_peer(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (void *)GNUTLS_KP_TLS_WWW_CLIENT };
	unsigned status = ~0u;

	if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) < 0)
		return -1;
	return status ? -1 : 0;
}

void http_tls_require_peer(gnutls_session_t session)
{
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_function(session, verify_peer);
}

/* The n-th of a part of the subject's name, or NULL; caller frees. */
static char *subject_part(gnutls_x509_crt_t crt, const char *oid, unsigned n)
{
	char name[256];
	size_t len = sizeof(name);

	return gnutls_x509_crt_get_dn_by_oid(crt, oid, n, 0, name, &len) == 0 ? xstrndup(name, len) : NULL;
}

static char **organizations(gnutls_x509_crt_t crt)
{
	char **list = xnew0(char *), *o;

	for (unsigned n = 0; (o = subject_part(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, n)); n++) {
		list = xrealloc(list, (n + 2) * sizeof(*list));
		list[n] = o;
		list[n + 1] = NULL;
	}
	return list;
}

void http_tls_groups_free(char **groups)
{
	for (char **g = groups; g && *g; g++)
		free(*g);
	free(groups);
}

char *http_tls_peer(gnutls_session_t session, char ***ret_groups)
{
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t crt;
	unsigned n = 0;
	char *ret = NULL;

	chain = gnutls_certificate_get_peers(session, &n);
	if (!chain || !n || verify_peer(session) < 0 || gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	if (gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) == 0)
		ret = subject_part(crt, GNUTLS_OID_X520_COMMON_NAME, 0);
	if (ret)
		*ret_groups = organizations(crt);
	gnutls_x509_crt_deinit(crt);
	return ret;
}

/* --- the socket ------------------------------------------------------------------ */

static bool is_loopback(const struct sockaddr *sa)
{
	const struct in6_addr *a6 = &((const struct sockaddr_in6 *)sa)->sin6_addr;

	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)sa)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(a6) || (IN6_IS_ADDR_V4MAPPED(a6) && a6->s6_addr[12] == 127);
}

static int bind_and_listen(int fd, const struct sockaddr *sa, socklen_t len)
{
	return bind(fd, sa, len) < 0 || listen(fd, BACKLOG) < 0 ? -errno : 0;
}

/* A socket that a process left behind when it was killed: nobody accepts on it. */
static bool is_stale(const struct sockaddr_un *un)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat st;

	return stat(un->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       connect(fd, (const struct sockaddr *)un, sizeof(*un)) < 0 && errno == ECONNREFUSED;
}

static int listen_unix(const char *address, const char *path, char **ret_path, char **ret_msg)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	mode_t old;
	int r;

	if (path[0] != '/' || strlen(path) >= sizeof(un.sun_path)) {
		*ret_msg = xasprintf("cannot listen on \"%s\": a unix socket needs an absolute path of at most %zu bytes",
				     address, sizeof(un.sun_path) - 1);
		return -EINVAL;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (is_stale(&un))
		unlink(path);
	old = umask(0177);	/* for its owner only: the socket carries no other proof of who asks */
	r = fd < 0 ? -errno : bind_and_listen(fd, (struct sockaddr *)&un, sizeof(un));
	umask(old);
	if (r < 0) {
		*ret_msg = xasprintf("cannot listen on %s: %s", address, strerror(-r));
		return r;
	}
	*ret_path = xstrdup(path);
	return TAKE_FD(fd);
}

static int port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return 0;
	return ntohs(ss.ss_family == AF_INET ? ((struct sockaddr_in *)&ss)->sin_port
					     : ((struct sockaddr_in6 *)&ss)->sin6_port);
}

static struct addrinfo *parse_address(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *res = NULL;
	_cleanup_free_ char *host = NULL;
	const char *colon = strrchr(address, ':');
	int64_t port;

	if (!colon || colon == address || parse_i64(colon + 1, 0, 65535, &port) < 0)
		return NULL;
	if (address[0] == '[' && colon[-1] == ']')
		host = xstrndup(address + 1, colon - address - 2);
	else if (!memchr(address, ':', colon - address))
		host = xstrndup(address, colon - address);
	if (host && streq(host, "localhost")) {
		free(host);
		host = xstrdup("127.0.0.1");
	}
	if (!host || getaddrinfo(host, colon + 1, &hints, &res) != 0)
		return NULL;
	return res;
}

bool http_listen_is_local(const char *address)
{
	struct addrinfo *ai;
	bool local;

	if (startswith(address, "unix:"))
		return true;
	ai = parse_address(address);
	if (!ai)
		return false;
	local = is_loopback(ai->ai_addr);
	freeaddrinfo(ai);
	return local;
}

bool http_url_is_safe(const char *url)
{
	_cleanup_free_ char *host = NULL, *with_port = NULL;

	if (!startswith(url, "http://"))
		return true;
	url += strlen("http://");
	host = xstrndup(url, strcspn(url, "/?#"));
	with_port = xasprintf("%s:80", host);
	return !startswith(host, "unix:") && (http_listen_is_local(host) || http_listen_is_local(with_port));
}

int http_listen(const char *address, bool tls, char **ret_unix_path, int *ret_port, char **ret_msg)
{
	_cleanup_close_ int fd = -1;
	struct addrinfo *ai;
	int r, on = 1, off = 0;

	if (startswith(address, "unix:"))
		return listen_unix(address, address + strlen("unix:"), ret_unix_path, ret_msg);
	ai = parse_address(address);
	if (!ai) {
		*ret_msg = xasprintf("cannot listen on \"%s\": expected ADDRESS:PORT, [ADDRESS]:PORT or unix:/path", address);
		return -EINVAL;
	}
	if (!tls && !is_loopback(ai->ai_addr)) {
		*ret_msg = xasprintf("will not listen on %s without TLS: plain HTTP is for loopback addresses and unix sockets only; give a CA, a certificate and a key",
				     address);
		freeaddrinfo(ai);
		return -EPERM;
	}
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (ai->ai_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	}
	r = fd < 0 ? -errno : bind_and_listen(fd, ai->ai_addr, ai->ai_addrlen);
	freeaddrinfo(ai);
	if (r < 0) {
		*ret_msg = xasprintf("cannot listen on %s: %s", address, strerror(-r));
		return r;
	}
	*ret_port = port_of(fd);
	return TAKE_FD(fd);
}
