// SPDX-License-Identifier: GPL-2.0-or-later
/* sock.c - see sock.h */
#include "rpc/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "base/loop.h"
#include "base/loop_stats.h"

#define READ_CHUNK (64 * 1024)
/* Reads in one turn of the loop, so that one busy peer does not starve the others. */
#define READS_A_TURN 16
/* The kernel gives up on unanswered data after this. */
#define USER_TIMEOUT_MS 20000

struct sock {
	sd_event *loop;
	const struct sock_target *target;
	SSL_CTX *ctx;
	const struct sock_ops *ops;
	void *data;
	int fd;			/* -1: between addresses or closed */
	sd_event_source *io;
	struct loop_timer start;
	int resolver;		/* our end of the resolver's socket, or -1 */
	sd_event_source *resolver_io;
	struct addrinfo *addrs, *next;	/* what is left to try */
	char *why;		/* the last address's failure */
	SSL *ssl;
	bool open, closed, freed, was_blocked;
	bool got_data;
	bool tls_read_wants_write, tls_write_wants_read;
	unsigned depth;		/* callbacks on the stack */
	struct buf out;
	size_t out_off;		/* sent bytes at the head of out */
};

/* --- targets -------------------------------------------------------------- */

void sock_target_clear(struct sock_target *t)
{
	free(t->name);
	free(t->path);
	free(t->host);
	free(t->port);
	free(t->authority);
	*t = (struct sock_target){ 0 };
}

int sock_target_parse(const char *text, struct sock_target *ret, char **ret_msg)
{
	struct sock_target t = { .name = xstrdup(text) };
	const char *rest, *colon;
	int64_t port;

	if (startswith(text, "unix:")) {
		rest = text + strlen("unix:");
		while (startswith(rest, "//"))	/* unix:///path is a common spelling */
			rest++;
		t.path = xstrdup(rest);
		t.authority = xstrdup("localhost");
		if (rest[0] != '/' || strlen(rest) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			goto bad;
		*ret = t;
		return 0;
	}
	t.tls = startswith(text, "https://");
	if (!t.tls && !startswith(text, "http://"))
		goto bad;
	rest = text + (t.tls ? strlen("https://") : strlen("http://"));
	t.authority = xstrndup(rest, strcspn(rest, "/"));
	if (rest[strlen(t.authority)] && !streq(rest + strlen(t.authority), "/"))
		goto bad;
	colon = strrchr(t.authority, ':');
	if (!colon || colon == t.authority || parse_i64(colon + 1, 1, 65535, &port) < 0)
		goto bad;
	t.port = xstrdup(colon + 1);
	if (t.authority[0] == '[') {
		if (colon[-1] != ']')
			goto bad;
		t.host = xstrndup(t.authority + 1, colon - t.authority - 2);
	} else {
		t.host = xstrndup(t.authority, colon - t.authority);
		if (strchr(t.host, ':'))
			goto bad;
	}
	if (!t.host[0] || strpbrk(t.host, "@ \t"))
		goto bad;
	*ret = t;
	return 0;
bad:
	sock_target_clear(&t);
	*ret_msg = xasprintf("\"%s\" is no address: expected unix:/path, http://host:port or https://host:port", text);
	return -EINVAL;
}

/* --- TLS ------------------------------------------------------------------- */

/* The oldest queued OpenSSL error in words. */
static char *tls_reason(const char *dflt)
{
	unsigned long e = ERR_get_error();
	const char *s = e ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	return xasprintf("TLS: %s", s ? s : dflt);
}

int sock_tls_new(const char *ca_file, const char *cert_file, const char *key_file,
		 SSL_CTX **ret, char **ret_msg)
{
	static const unsigned char h2[] = { 2, 'h', '2' };
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	_cleanup_free_ char *why = NULL;
	const char *file;

	if (!ctx)
		abort();
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_alpn_protos(ctx, h2, sizeof(h2));
	file = ca_file;
	if (ca_file ? SSL_CTX_load_verify_locations(ctx, ca_file, NULL) != 1
		    : SSL_CTX_set_default_verify_paths(ctx) != 1)
		goto bad;
	file = cert_file;
	if (cert_file && SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
		goto bad;
	file = key_file;
	if (key_file && (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1 ||
			 SSL_CTX_check_private_key(ctx) != 1))
		goto bad;
	*ret = ctx;
	return 0;
bad:
	why = tls_reason("cannot be read");
	*ret_msg = xasprintf("%s: %s", file ? file : "default CA certificates", why);
	SSL_CTX_free(ctx);
	return -EINVAL;
}

/* --- life -------------------------------------------------------------------- */

static void connect_next(struct sock *s);
static int on_io(sd_event_source *src, int fd, uint32_t revents, void *data);

static void drop_fd(struct sock *s)
{
	loop_source_drop(&s->io);
	SSL_free(s->ssl);
	s->ssl = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void drop_resolver(struct sock *s)
{
	struct addrinfo *late;

	loop_source_drop(&s->resolver_io);
	if (s->resolver < 0)
		return;
	/* An answer that is already there is ours to free; a later one the thread keeps. */
	shutdown(s->resolver, SHUT_RD);
	if (recv(s->resolver, &late, sizeof(late), MSG_DONTWAIT) == sizeof(late) && late)
		freeaddrinfo(late);
	close(s->resolver);
	s->resolver = -1;
}

static void enter(struct sock *s)
{
	s->depth++;
}

static void leave(struct sock *s)
{
	if (--s->depth || !s->freed)
		return;
	free(s->why);
	buf_free(&s->out);
	free(s);
}

static void release(struct sock *s)
{
	drop_fd(s);
	drop_resolver(s);
	loop_timer_stop(&s->start);
	if (s->addrs)
		freeaddrinfo(s->addrs);
	s->addrs = s->next = NULL;
	s->closed = true;
}

void sock_free(struct sock *s)
{
	if (!s)
		return;
	enter(s);
	release(s);
	s->freed = true;
	leave(s);
}

static void fail(struct sock *s, const char *msg)
{
	_cleanup_free_ char *copy = xstrdup(msg);

	if (s->closed)
		return;
	release(s);
	enter(s);
	s->ops->on_close(s->data, copy);
	leave(s);
}

/* --- connecting ----------------------------------------------------------- */

struct lookup {
	char *host, *port;
	int fd;
};

static struct addrinfo *look_up(const char *host, const char *port, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *res = NULL;

	return getaddrinfo(host, port, &hints, &res) == 0 ? res : NULL;
}

/* The one thing that may block for seconds, so the one thing with a thread: it answers one pointer. */
static void *resolver_thread(void *data)
{
	struct lookup *l = data;
	struct addrinfo *res = look_up(l->host, l->port, AI_ADDRCONFIG);

	if (send(l->fd, &res, sizeof(res), MSG_NOSIGNAL) != sizeof(res) && res)
		freeaddrinfo(res);
	close(l->fd);
	free(l->host);
	free(l->port);
	free(l);
	return NULL;
}

static int on_resolved(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct sock *s = data;
	struct addrinfo *res = NULL;

	if (recv(fd, &res, sizeof(res), MSG_DONTWAIT) != sizeof(res))
		res = NULL;
	drop_resolver(s);
	if (!res) {
		_cleanup_free_ char *msg = xasprintf("cannot resolve \"%s\"", s->target->host);

		fail(s, msg);
		return 0;
	}
	s->addrs = s->next = res;
	connect_next(s);
	return 0;
}

static void resolve(struct sock *s)
{
	struct lookup *l;
	pthread_attr_t attr;
	pthread_t thread;
	int pair[2], r;

	s->addrs = s->next = look_up(s->target->host, s->target->port, AI_NUMERICHOST);
	if (s->addrs) {
		connect_next(s);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		fail(s, strerror(errno));
		return;
	}
	s->resolver = pair[0];
	l = xnew0(struct lookup);
	*l = (struct lookup){ xstrdup(s->target->host), xstrdup(s->target->port), pair[1] };
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attr, resolver_thread, l);
	pthread_attr_destroy(&attr);
	if (r) {
		close(l->fd);
		free(l->host);
		free(l->port);
		free(l);
		fail(s, strerror(r));
		return;
	}
	if (sd_event_add_io(s->loop, &s->resolver_io, pair[0], EPOLLIN, on_resolved, s) < 0)
		abort();
}

static void begin(void *data)
{
	struct sock *s = data;

	if (s->target->path)
		connect_next(s);
	else
		resolve(s);
}

static int new_socket(struct sock *s, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	unsigned ms = USER_TIMEOUT_MS;

	if (fd >= 0 && family != AF_UNIX) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	}
	return fd;
}

/* Tries the next address; when there is none left, the last failure is the answer. */
static void connect_next(struct sock *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *sa;
	socklen_t len;
	int r;

	for (;;) {
		if (s->target->path) {
			if (s->why)
				break;
			memcpy(un.sun_path, s->target->path, strlen(s->target->path) + 1);
			sa = (const struct sockaddr *)&un;
			len = sizeof(un);
		} else if (s->next) {
			sa = s->next->ai_addr;
			len = s->next->ai_addrlen;
			s->next = s->next->ai_next;
		} else {
			break;
		}
		drop_fd(s);
		s->fd = new_socket(s, sa->sa_family);
		r = s->fd < 0 ? -errno : connect(s->fd, sa, len) < 0 ? -errno : 0;
		if (r == 0 || r == -EINPROGRESS) {
			if (sd_event_add_io(s->loop, &s->io, s->fd, EPOLLOUT, on_io, s) < 0)
				abort();
			return;
		}
		free(s->why);
		s->why = xstrdup(strerror(-r));
	}
	fail(s, s->why);
}

struct sock *sock_connect(sd_event *loop, const struct sock_target *t, SSL_CTX *tls,
			  const struct sock_ops *ops, void *data)
{
	struct sock *s = xnew0(struct sock);

	*s = (struct sock){ .loop = loop, .target = t, .ctx = tls, .ops = ops, .data = data,
			    .fd = -1, .resolver = -1 };
	loop_timer_init(&s->start, loop, begin, s);
	loop_timer_start(&s->start, 0);
	return s;
}

/* --- traffic --------------------------------------------------------------- */

static void want(struct sock *s)
{
	uint32_t events = EPOLLIN;

	if (s->closed)
		return;
	if ((s->out.len > s->out_off && !s->tls_write_wants_read) || s->tls_read_wants_write)
		events |= EPOLLOUT;
	sd_event_source_set_io_events(s->io, events);
}

/* >0 bytes, 0 would block, negative: the connection is over and *why says why (NULL: the peer closed it). */
static ssize_t io_result(struct sock *s, ssize_t n, bool reading, char **why)
{
	*why = NULL;
	if (n > 0)
		return n;
	if (!s->ssl) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			*why = xstrdup(strerror(errno));
		return -1;
	}
	switch (SSL_get_error(s->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		if (!reading)
			s->tls_write_wants_read = true;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		if (reading)
			s->tls_read_wants_write = true;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return -1;
	case SSL_ERROR_SYSCALL:
		/* In TLS 1.3 the client's handshake is over before the server has looked at its certificate. */
		if (!s->got_data)
			*why = xstrdup("TLS: the server broke off after the handshake: it may not accept our certificate");
		else if (errno && !ERR_peek_error())
			*why = xstrdup(strerror(errno));
		else
			*why = tls_reason("the peer closed the connection");
		return -1;
	default:
		*why = tls_reason("protocol error");
		return -1;
	}
}

/* False when the connection ended (on_close was called). */
static bool flush(struct sock *s)
{
	while (s->out.len > s->out_off) {
		const char *p = s->out.data + s->out_off;
		size_t left = s->out.len - s->out_off;
		_cleanup_free_ char *why = NULL;
		ssize_t n;

		ERR_clear_error();
		errno = 0;
		n = s->ssl ? SSL_write(s->ssl, p, left < INT32_MAX ? left : INT32_MAX)
			   : send(s->fd, p, left, MSG_NOSIGNAL);
		n = io_result(s, n, false, &why);
		if (n < 0) {
			fail(s, why ? why : "the peer closed the connection");
			return false;
		}
		if (n == 0)
			break;
		s->out_off += n;
	}
	if (s->out_off == s->out.len) {
		s->out.len = s->out_off = 0;
	} else if (s->out_off > s->out.len / 2) {
		buf_consume(&s->out, s->out_off);
		s->out_off = 0;
	}
	want(s);
	return true;
}

void sock_write(struct sock *s, const void *p, size_t len)
{
	ssize_t n = 0;

	if (s->closed || !len)
		return;
	/* Errors show up as an event of the loop: the owner is not called back from inside its own call. */
	if (s->open && !s->ssl && !sock_backlog(s))
		n = send(s->fd, p, len, MSG_NOSIGNAL);
	if (n == (ssize_t)len)
		return;
	n = n > 0 ? n : 0;
	buf_add(&s->out, (const char *)p + n, len - n);
	s->was_blocked = true;
	if (s->open)
		want(s);
}

size_t sock_backlog(const struct sock *s)
{
	return s->out.len - s->out_off;
}

static void read_all(struct sock *s)
{
	static char chunk[READ_CHUNK];	/* one loop, one thread; on_data does not come back here */

	/* What is left in the socket wakes the loop again; what is left in OpenSSL does not. */
	for (int i = 0; !i || (i < READS_A_TURN && !loop_turn_spent(s->loop)) || (s->ssl && SSL_pending(s->ssl)); i++) {
		_cleanup_free_ char *why = NULL;
		ssize_t n;

		ERR_clear_error();
		errno = 0;
		n = s->ssl ? SSL_read(s->ssl, chunk, sizeof(chunk)) : recv(s->fd, chunk, sizeof(chunk), 0);
		n = io_result(s, n, true, &why);
		if (n < 0) {
			fail(s, why ? why : "the peer closed the connection");
			return;
		}
		if (n == 0)
			break;
		s->got_data = true;
		s->ops->on_data(s->data, chunk, n);
		if (s->closed || (!s->ssl && (size_t)n < sizeof(chunk)))
			break;
	}
	want(s);
}

static void opened(struct sock *s)
{
	s->open = true;
	want(s);
	s->ops->on_open(s->data);
}

static void handshake(struct sock *s)
{
	const unsigned char *proto = NULL;
	_cleanup_free_ char *why = NULL;
	unsigned proto_len = 0;
	long verify;
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_connect(s->ssl);
	if (r != 1) {
		int e = SSL_get_error(s->ssl, r);

		if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
			sd_event_source_set_io_events(s->io, e == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
			return;
		}
		verify = SSL_get_verify_result(s->ssl);
		if (verify != X509_V_OK)
			why = xasprintf("TLS: certificate: %s", X509_verify_cert_error_string(verify));
		else
			why = tls_reason("the peer closed the connection during the handshake");
		fail(s, why);
		return;
	}
	SSL_get0_alpn_selected(s->ssl, &proto, &proto_len);
	if (proto_len != 2 || memcmp(proto, "h2", 2) != 0) {
		fail(s, "TLS: the server does not speak HTTP/2");
		return;
	}
	opened(s);
}

static void start_tls(struct sock *s)
{
	const char *host = s->target->host;
	struct in6_addr any;

	s->ssl = SSL_new(s->ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1)
		abort();
	if (inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1) {
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->ssl), host);
	} else {
		SSL_set_tlsext_host_name(s->ssl, host);
		SSL_set1_host(s->ssl, host);
	}
	handshake(s);
}

static void connected(struct sock *s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		free(s->why);
		s->why = xstrdup(strerror(err));
		connect_next(s);
	} else if (s->target->tls) {
		start_tls(s);
	} else {
		opened(s);
	}
}

static int on_io(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct sock *s = data;

	loop_part("connection to", s->target->path ?: s->target->authority);
	enter(s);
	if (s->ssl && !s->open) {
		handshake(s);
	} else if (!s->open) {
		connected(s);
	} else {
		s->tls_read_wants_write = s->tls_write_wants_read = false;
		if (flush(s)) {
			read_all(s);
			if (!s->closed && s->was_blocked && !sock_backlog(s)) {
				s->was_blocked = false;
				s->ops->on_drain(s->data);
			}
		}
	}
	leave(s);
	return 0;
}
