// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keelson_nl.c - see keelson_nl.h; the I/O side of keelson_msg.c
 *
 * One blocking socket. The kernel works a request off inside sendmsg() and its
 * answer is queued when that returns, so nothing here waits for long. Requests
 * of a batch carry no NLM_F_ACK but the last: refusals are reported anyway, and
 * ten thousand acks do not fill the receive buffer.
 */
#include "net/keelson_nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net/extack.h"
#include "net/keelson_msg.h"

#define BATCH_BYTES	65536		/* sent at once; below the default SO_SNDBUF */
#define RECV_BYTES	65536		/* holds the largest dump message */
#define RCVBUF_BYTES	(8 << 20)
#define ANSWER_TIMEOUT_S 30
#define DUMP_TRIES	20

struct keelson_nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t seq;

	bool batching;
	struct buf batch;		/* messages not sent yet */
	uint32_t batch_first;		/* seq of the first request since begin */
	int batch_err;			/* first refusal since begin */
	char *batch_msg;
	keelson_nl_refused *on_error;
	void *on_error_data;

	char request[KEELSON_MSG_MAX];
	char answer[RECV_BYTES];
};

static int fail(int err, char **ret_msg, const char *what)
{
	if (ret_msg)
		*ret_msg = xasprintf("%s: %s", what, strerror(-err));
	return err;
}

static struct nlmsghdr *begin(struct keelson_nl *nl, uint8_t cmd, uint16_t flags)
{
	return keelson_msg_begin(nl->request, nl->family, cmd, flags, ++nl->seq);
}

/* --- answers -------------------------------------------------------------- */

/* What the messages that answer a request are given to; all fields may be 0. */
struct reader {
	/* 0, or a negative errno that ends the exchange */
	int (*object)(void *data, const struct nlmsghdr *nlh);
	/* a refusal that does not end the exchange (batches); NULL: it does */
	void (*refused)(void *data, const struct nlmsghdr *nlh, int err);
	void *data;
	uint32_t first, last;	/* sequence numbers awaited; the answer to `last` ends the exchange */
	bool interrupted;	/* out: NLM_F_DUMP_INTR was seen */
};

/* One message: 1 when it ends the exchange well, 0 to go on, or a negative errno. */
static int read_message(struct reader *r, const struct nlmsghdr *nlh, const struct nlmsghdr **ret_refusal)
{
	int err;

	if (nlh->nlmsg_seq - r->first > r->last - r->first)
		return 0;	/* left over from an exchange that was given up */
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		r->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return -ENOBUFS;
	case NLMSG_DONE:
	case NLMSG_ERROR:
		if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
			return -EBADMSG;
		err = *(const int *)mnl_nlmsg_get_payload(nlh);
		if (err > 0)
			return -EBADMSG;
		if (err && !r->refused) {
			*ret_refusal = nlh;
			return err;
		}
		if (err)
			r->refused(r->data, nlh, err);
		return nlh->nlmsg_seq == r->last;
	default:
		return r->object ? r->object(r->data, nlh) : 0;
	}
}

/*
 * Receives until the exchange ends. *ret_refusal is the kernel's NLMSG_ERROR
 * (in nl->answer, until the next call) or NULL when the error is another.
 */
static int receive(struct keelson_nl *nl, struct reader *r, const struct nlmsghdr **ret_refusal)
{
	const struct nlmsghdr *refusal = NULL;
	ssize_t got;
	int rest, res;

	*ret_refusal = NULL;
	for (;;) {
		got = mnl_socket_recvfrom(nl->sock, nl->answer, sizeof(nl->answer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		rest = got;
		for (const struct nlmsghdr *nlh = (void *)nl->answer; mnl_nlmsg_ok(nlh, rest);
		     nlh = mnl_nlmsg_next(nlh, &rest)) {
			res = read_message(r, nlh, &refusal);
			if (res < 0) {
				*ret_refusal = refusal;
				return res;
			}
			if (res)
				return 0;
		}
	}
}

/* Sends nl->request and reads the answers. */
static int exchange(struct keelson_nl *nl, struct reader *r, char **ret_msg)
{
	const struct nlmsghdr *request = (void *)nl->request, *refusal;
	int res;

	r->first = r->last = request->nlmsg_seq;
	if (mnl_socket_sendto(nl->sock, request, request->nlmsg_len) < 0)
		return fail(-errno, ret_msg, "netlink send");
	res = receive(nl, r, &refusal);
	if (res < 0 && refusal && ret_msg)
		*ret_msg = keelson_msg_refusal(request, refusal, res);
	else if (res < 0 && ret_msg) {
		_cleanup_free_ char *what = keelson_msg_describe(request);

		return fail(res, ret_msg, what);
	}
	return res;
}

/* --- open ----------------------------------------------------------------- */

static int read_family(void *data, const struct nlmsghdr *nlh)
{
	uint16_t *family = data;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID && mnl_attr_validate(a, MNL_TYPE_U16) == 0)
			*family = mnl_attr_get_u16(a);
	return 0;
}

static int resolve_family(struct keelson_nl *nl, char **ret_msg)
{
	struct reader r = { .object = read_family, .data = &nl->family };
	const struct nlmsghdr *refusal;
	struct nlmsghdr *nlh;
	int res;

	nlh = keelson_msg_begin(nl->request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, ++nl->seq);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KEELSON_GENL_NAME);
	r.first = r.last = nl->seq;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return fail(-errno, ret_msg, "netlink send");
	res = receive(nl, &r, &refusal);
	if (res == -ENOENT) {
		if (ret_msg)
			*ret_msg = xstrdup("the keelson module is not loaded (modprobe keelson)");
		return res;
	}
	return res < 0 ? fail(res, ret_msg, "looking up the keelson netlink family") : 0;
}

int keelson_nl_open(struct keelson_nl **ret, char **ret_msg)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct keelson_nl *nl = xnew0(struct keelson_nl);
	int one = 1, size = RCVBUF_BYTES, fd, res;

	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		res = fail(-errno, ret_msg, "generic netlink socket");
		goto out;
	}
	/* Each of these betters texts or speed; an old kernel without one still works. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	fd = mnl_socket_get_fd(nl->sock);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	res = resolve_family(nl, ret_msg);
	if (res < 0)
		goto out;
	*ret = nl;
	return 0;
out:
	keelson_nl_close(nl);
	return res;
}

void keelson_nl_close(struct keelson_nl *nl)
{
	if (!nl)
		return;
	if (nl->sock)
		mnl_socket_close(nl->sock);
	buf_free(&nl->batch);
	free(nl->batch_msg);
	free(nl);
}

/* --- batches -------------------------------------------------------------- */

static const struct nlmsghdr *find_in_batch(const struct buf *batch, uint32_t seq)
{
	int rest = batch->len;

	for (const struct nlmsghdr *nlh = (void *)batch->data; mnl_nlmsg_ok(nlh, rest);
	     nlh = mnl_nlmsg_next(nlh, &rest))
		if (nlh->nlmsg_seq == seq)
			return nlh;
	return NULL;
}

static void batch_refused(void *data, const struct nlmsghdr *reply, int err)
{
	struct keelson_nl *nl = data;
	const struct nlmsghdr *request = find_in_batch(&nl->batch, reply->nlmsg_seq);
	_cleanup_free_ char *msg = request ? keelson_msg_refusal(request, reply, err) : xstrdup(strerror(-err));

	if (nl->on_error)
		nl->on_error(nl->on_error_data, reply->nlmsg_seq - nl->batch_first, err, msg);
	if (!nl->batch_err) {
		nl->batch_err = err;
		nl->batch_msg = TAKE_PTR(msg);
	}
}

/* Sends what is queued and hears the refusals. A failure of the socket itself outweighs them. */
static void batch_flush(struct keelson_nl *nl)
{
	const struct nlmsghdr *first = (void *)nl->batch.data, *refusal;
	struct reader r = { .refused = batch_refused, .data = nl };
	struct nlmsghdr *last = NULL;
	int rest = nl->batch.len, res;

	if (!nl->batch.len)
		return;
	for (struct nlmsghdr *nlh = (void *)nl->batch.data; mnl_nlmsg_ok(nlh, rest);
	     nlh = mnl_nlmsg_next(nlh, &rest))
		last = nlh;
	last->nlmsg_flags |= NLM_F_ACK;
	r.first = first->nlmsg_seq;
	r.last = last->nlmsg_seq;
	if (mnl_socket_sendto(nl->sock, nl->batch.data, nl->batch.len) < 0)
		res = -errno;
	else
		res = receive(nl, &r, &refusal);
	if (res < 0) {
		free(nl->batch_msg);
		fail(res, &nl->batch_msg, "netlink batch");
		nl->batch_err = -ECOMM;
	}
	buf_consume(&nl->batch, nl->batch.len);
}

void keelson_nl_batch_begin(struct keelson_nl *nl, keelson_nl_refused *on_error, void *data)
{
	nl->batching = true;
	nl->batch_first = nl->seq + 1;
	nl->on_error = on_error;
	nl->on_error_data = data;
}

int keelson_nl_batch_commit(struct keelson_nl *nl, char **ret_msg)
{
	int res;

	batch_flush(nl);
	nl->batching = false;
	res = nl->batch_err;
	nl->batch_err = 0;
	if (res < 0 && ret_msg)
		*ret_msg = TAKE_PTR(nl->batch_msg);
	free(nl->batch_msg);
	nl->batch_msg = NULL;
	return res;
}

/* Sends the request in nl->request, now or with the batch. */
static int submit(struct keelson_nl *nl, char **ret_msg)
{
	struct nlmsghdr *nlh = (void *)nl->request;
	struct reader r = { 0 };

	if (nl->batching) {
		if (nl->batch.len + nlh->nlmsg_len > BATCH_BYTES)
			batch_flush(nl);
		buf_add(&nl->batch, nlh, NLMSG_ALIGN(nlh->nlmsg_len));
		return 0;
	}
	nlh->nlmsg_flags |= NLM_F_ACK;
	return exchange(nl, &r, ret_msg);
}

/* --- set and delete ------------------------------------------------------- */

int keelson_nl_overlay_set(struct keelson_nl *nl, const struct dp_overlay *o, char **ret_msg)
{
	keelson_msg_put_overlay(begin(nl, KEELSON_CMD_OVERLAY_SET, 0), o);
	return submit(nl, ret_msg);
}

int keelson_nl_overlay_del(struct keelson_nl *nl, char **ret_msg)
{
	begin(nl, KEELSON_CMD_OVERLAY_DEL, 0);
	return submit(nl, ret_msg);
}

int keelson_nl_node_set(struct keelson_nl *nl, const struct dp_node *n, uint32_t generation, char **ret_msg)
{
	struct nlmsghdr *nlh = begin(nl, KEELSON_CMD_NODE_SET, 0);

	keelson_msg_put_node(nlh, n);
	keelson_msg_put_generation(nlh, generation);
	return submit(nl, ret_msg);
}

int keelson_nl_node_del(struct keelson_nl *nl, const struct net_addr *vtep, char **ret_msg)
{
	keelson_msg_put_vtep(begin(nl, KEELSON_CMD_NODE_DEL, 0), vtep);
	return submit(nl, ret_msg);
}

int keelson_nl_route_set(struct keelson_nl *nl, const struct dp_route *r, uint32_t generation, char **ret_msg)
{
	struct nlmsghdr *nlh = begin(nl, KEELSON_CMD_ROUTE_SET, 0);

	keelson_msg_put_route(nlh, r);
	keelson_msg_put_generation(nlh, generation);
	return submit(nl, ret_msg);
}

int keelson_nl_route_del(struct keelson_nl *nl, const struct net_addr *prefix, uint8_t len, char **ret_msg)
{
	keelson_msg_put_prefix(begin(nl, KEELSON_CMD_ROUTE_DEL, 0), prefix, len);
	return submit(nl, ret_msg);
}

int keelson_nl_port_set(struct keelson_nl *nl, uint32_t id, const struct net_addr *addrs, size_t n, char **ret_msg)
{
	if (n > KEELSON_MAX_PORT_ADDRS) {
		if (ret_msg)
			*ret_msg = xasprintf("port set %u: more than %d addresses", id, KEELSON_MAX_PORT_ADDRS);
		return -E2BIG;
	}
	keelson_msg_put_port(begin(nl, KEELSON_CMD_PORT_SET, 0), id, addrs, n);
	return submit(nl, ret_msg);
}

int keelson_nl_service_set(struct keelson_nl *nl, const struct dp_service *s, uint32_t generation, char **ret_msg)
{
	struct nlmsghdr *nlh;

	if (s->n_backends > KEELSON_MAX_BACKENDS) {
		if (ret_msg) {
			char vip[NET_ENDPOINT_STRLEN];

			net_endpoint_format(&s->addr, s->port, vip);
			*ret_msg = xasprintf("service set %s/%s: %zu backends are more than %d", vip,
					     net_proto_name(s->proto), s->n_backends, KEELSON_MAX_BACKENDS);
		}
		return -E2BIG;
	}
	nlh = begin(nl, KEELSON_CMD_SERVICE_SET, 0);
	keelson_msg_put_service(nlh, s);
	keelson_msg_put_generation(nlh, generation);
	return submit(nl, ret_msg);
}

int keelson_nl_service_del(struct keelson_nl *nl, const struct net_addr *addr, uint16_t port, uint8_t proto,
			   char **ret_msg)
{
	keelson_msg_put_service_key(begin(nl, KEELSON_CMD_SERVICE_DEL, 0), addr, port, proto);
	return submit(nl, ret_msg);
}

int keelson_nl_flow_flush(struct keelson_nl *nl, const struct dp_service *key, char **ret_msg)
{
	struct nlmsghdr *nlh = begin(nl, KEELSON_CMD_FLOW_FLUSH, 0);

	if (key)
		keelson_msg_put_service_key(nlh, &key->addr, key->port, key->proto);
	return submit(nl, ret_msg);
}

int keelson_nl_sweep(struct keelson_nl *nl, enum keelson_kind kind, uint32_t generation, char **ret_msg)
{
	keelson_msg_put_sweep(begin(nl, KEELSON_CMD_SWEEP, 0), kind, generation);
	return submit(nl, ret_msg);
}

/* --- get ------------------------------------------------------------------ */

static int read_overlay(void *data, const struct nlmsghdr *nlh)
{
	return keelson_msg_get_overlay(nlh, data);
}

static int read_stats(void *data, const struct nlmsghdr *nlh)
{
	return keelson_msg_get_stats(nlh, data);
}

static int get_one(struct keelson_nl *nl, uint8_t cmd, int (*object)(void *, const struct nlmsghdr *), void *data,
		   char **ret_msg)
{
	struct reader r = { .object = object, .data = data };

	begin(nl, cmd, NLM_F_ACK);
	return exchange(nl, &r, ret_msg);
}

int keelson_nl_overlay_get(struct keelson_nl *nl, struct dp_overlay *ret, char **ret_msg)
{
	return get_one(nl, KEELSON_CMD_OVERLAY_GET, read_overlay, ret, ret_msg);
}

int keelson_nl_stats(struct keelson_nl *nl, struct dp_stats *ret, char **ret_msg)
{
	return get_one(nl, KEELSON_CMD_STATS_GET, read_stats, ret, ret_msg);
}

/* --- dumps ---------------------------------------------------------------- */

static int keep_message(void *data, const struct nlmsghdr *nlh)
{
	struct buf *b = data;

	buf_add(b, nlh, nlh->nlmsg_len);
	while (b->len % NLMSG_ALIGNTO)
		buf_add(b, "", 1);
	return 0;
}

/* All messages of a dump into *b, taken again while changes interrupt it. */
static int dump_all(struct keelson_nl *nl, uint8_t cmd, struct buf *b, char **ret_msg)
{
	for (int try = 0; try < DUMP_TRIES; try++) {
		struct reader r = { .object = keep_message, .data = b };
		int res;

		buf_consume(b, b->len);
		begin(nl, cmd, NLM_F_DUMP);
		res = exchange(nl, &r, ret_msg);
		if (res < 0 || !r.interrupted)
			return res;
	}
	return fail(-EAGAIN, ret_msg, "the table changes faster than it can be read");
}

/* cb is cast back by the one function that knows the kind. */
static int dump(struct keelson_nl *nl, uint8_t cmd, int (*each)(const struct nlmsghdr *, void (*cb)(void), void *),
		void (*cb)(void), void *data, char **ret_msg)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int res = dump_all(nl, cmd, &b, ret_msg), rest;

	if (res < 0)
		return res;
	rest = b.len;
	for (const struct nlmsghdr *nlh = (void *)b.data; mnl_nlmsg_ok(nlh, rest); nlh = mnl_nlmsg_next(nlh, &rest)) {
		res = each(nlh, cb, data);
		if (res < 0)
			return fail(res, ret_msg, "dump of another version of the module");
	}
	return 0;
}

typedef void node_cb(void *, const struct dp_node *, uint32_t);
typedef void route_cb(void *, const struct dp_route *, uint32_t);
typedef void port_cb(void *, const struct dp_port *);
typedef void service_cb(void *, const struct dp_service *, uint32_t);
typedef void flow_cb(void *, const struct dp_flow *);

static int each_node(const struct nlmsghdr *nlh, void (*cb)(void), void *data)
{
	struct dp_node n;
	uint32_t gen;
	int res = keelson_msg_get_node(nlh, &n, &gen);

	if (res == 0)
		((node_cb *)cb)(data, &n, gen);
	return res;
}

static int each_route(const struct nlmsghdr *nlh, void (*cb)(void), void *data)
{
	struct dp_route r;
	uint32_t gen;
	int res = keelson_msg_get_route(nlh, &r, &gen);

	if (res == 0)
		((route_cb *)cb)(data, &r, gen);
	return res;
}

static int each_port(const struct nlmsghdr *nlh, void (*cb)(void), void *data)
{
	struct dp_port p;
	int res = keelson_msg_get_port(nlh, &p);

	if (res == 0)
		((port_cb *)cb)(data, &p);
	return res;
}

static int each_service(const struct nlmsghdr *nlh, void (*cb)(void), void *data)
{
	struct dp_service s;
	uint32_t gen;
	int res = keelson_msg_get_service(nlh, &s, &gen);

	if (res == 0) {
		((service_cb *)cb)(data, &s, gen);
		free(s.backends);
	}
	return res;
}

static int each_flow(const struct nlmsghdr *nlh, void (*cb)(void), void *data)
{
	struct dp_flow f;
	int res = keelson_msg_get_flow(nlh, &f);

	if (res == 0)
		((flow_cb *)cb)(data, &f);
	return res;
}

int keelson_nl_node_dump(struct keelson_nl *nl, node_cb *cb, void *data, char **ret_msg)
{
	return dump(nl, KEELSON_CMD_NODE_GET, each_node, (void (*)(void))cb, data, ret_msg);
}

int keelson_nl_route_dump(struct keelson_nl *nl, route_cb *cb, void *data, char **ret_msg)
{
	return dump(nl, KEELSON_CMD_ROUTE_GET, each_route, (void (*)(void))cb, data, ret_msg);
}

int keelson_nl_port_dump(struct keelson_nl *nl, port_cb *cb, void *data, char **ret_msg)
{
	return dump(nl, KEELSON_CMD_PORT_GET, each_port, (void (*)(void))cb, data, ret_msg);
}

int keelson_nl_service_dump(struct keelson_nl *nl, service_cb *cb, void *data, char **ret_msg)
{
	return dump(nl, KEELSON_CMD_SERVICE_GET, each_service, (void (*)(void))cb, data, ret_msg);
}

int keelson_nl_flow_dump(struct keelson_nl *nl, flow_cb *cb, void *data, char **ret_msg)
{
	return dump(nl, KEELSON_CMD_FLOW_GET, each_flow, (void (*)(void))cb, data, ret_msg);
}
